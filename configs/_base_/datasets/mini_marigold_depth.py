_base_ = './marigold_depth.py'
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
test_dataloader = val_dataloader
