_base_ = './zero_shot_depth.py'
# Streets are flatter than rooms here, too, so the two never share a batch.
hypersim_scale = (128, 128)
kb_crop_size = (96, 128)
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (128, 128)
part = dict(expected_lines=None, indices=None)
hypersim = dict(data_root='data/mini_hypersim')
vkitti = dict(data_root='data/mini_vkitti2')
hypersim_pipeline = _base_.hypersim_pipeline
hypersim_pipeline[4].scale = hypersim_scale
vkitti_pipeline = _base_.vkitti_pipeline
vkitti_pipeline[2].crop_size = kb_crop_size
vkitti_val_pipeline = _base_.vkitti_val.pipeline
vkitti_val_pipeline[2].crop_size = kb_crop_size
hypersim_train = dict(_base_.hypersim_train, **hypersim, pipeline=hypersim_pipeline)
vkitti_train = dict(_base_.vkitti_train, **vkitti, pipeline=vkitti_pipeline)
hypersim_val = dict(_base_.hypersim_val, **hypersim, **part)
vkitti_val = dict(_base_.vkitti_val, **vkitti, **part, pipeline=vkitti_val_pipeline)
hypersim_train.update(expected_lines=None)
vkitti_train.update(expected_lines=None)
# Half of the mini world is outdoors.
train_dataloader = dict(
    batch_size=16,
    num_workers=1,
    batch_sampler=dict(shares=(0.5, 0.5)),
    dataset=dict(datasets=[hypersim_train, vkitti_train]),
)
val_dataloader = dict(num_workers=1, dataset=dict(datasets=[hypersim_val, vkitti_val]))
kitti_pipeline = _base_.kitti.pipeline
kitti_pipeline[2].crop_size = kb_crop_size
eth3d_pipeline = _base_.eth3d.pipeline
eth3d_pipeline[1].scale = (128, 128)
diode_pipeline = _base_.diode.pipeline
diode_pipeline[1].scale = (128, 128)
any_length = dict(expected_lines=None)
nyu = dict(_base_.nyu, data_root='data/mini_nyu', **any_length)
kitti = dict(_base_.kitti, data_root='data/mini_kitti', **any_length)
eth3d = dict(_base_.eth3d, data_root='data/mini_eth3d', **any_length)
scannet = dict(_base_.scannet, data_root='data/mini_scannet', **any_length)
diode = dict(_base_.diode, data_root='data/mini_diode', **any_length)
test_dataloader = dict(
    num_workers=1, dataset=dict(datasets=[nyu, kitti, eth3d, scannet, diode])
)
# NYUv2's crop is in pixels of its 480x640.
test_evaluator = dict(
    parts=dict(nyu=dict(crop_type=None), eth3d=dict(max_align_side=64))
)
