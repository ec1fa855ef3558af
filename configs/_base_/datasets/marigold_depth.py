_base_ = ['./loaders.py', './shape_keys.py']
# Marigold's training data: rooms of Hypersim and streets of Virtual KITTI 2, never in
# one batch. The lists are those of Marigold's repository.
meta_keys = (
    *('img_path', 'depth_map_path', 'sample_idx', 'depth_range', 'depth_quantiles'),
    *_base_.shape_keys,
)
hypersim_range = (1e-5, 65.0)
hypersim_scale = (640, 480)
vkitti_range = (1e-5, 80.0)
kb_crop_size = (352, 1216)
load_hypersim = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadMetricDepth', depth_rescale_factor=1e-3),
]
load_vkitti = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadMetricDepth', depth_rescale_factor=1e-2),
    dict(type='KBCrop', crop_size=kb_crop_size),
]
flip = dict(type='RandomFlip', prob=0.5)
pack = dict(type='PackSegInputs', meta_keys=meta_keys)
hypersim_pipeline = [
    *load_hypersim,
    flip,
    # As released: behind the flip, before the resize.
    dict(type='DepthQuantiles', depth_range=hypersim_range),
    dict(type='NearestExactResize', scale=hypersim_scale),
    pack,
]
vkitti_pipeline = [
    *load_vkitti,
    flip,
    dict(type='DepthQuantiles', depth_range=vkitti_range),
    pack,
]
# A picture of any size, as Marigold resizes it.
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(768, 768), keep_ratio=True, backend='pillow'),
    pack,
]
hypersim = dict(type='HypersimDataset', data_root='data/hypersim')
vkitti = dict(type='VirtualKITTI2Dataset', data_root='data/vkitti2')
hypersim_train = dict(
    **hypersim,
    ann_file='filenames/filename_list_train_filtered.txt',
    data_prefix=dict(img_path='train'),
    expected_lines=53885,
    pipeline=hypersim_pipeline,
)
vkitti_train = dict(
    **vkitti,
    ann_file='filenames/vkitti_train.txt',
    expected_lines=20148,
    pipeline=vkitti_pipeline,
)
hypersim_val = dict(
    **hypersim,
    ann_file='filenames/filename_list_val_filtered.txt',
    data_prefix=dict(img_path='val'),
    expected_lines=7370,
    # A hundred of them, spread over all scenes.
    indices=list(range(0, 7370, 74)),
    test_mode=True,
    pipeline=[*load_hypersim, pack],
)
vkitti_val = dict(
    **vkitti,
    ann_file='filenames/vkitti_val.txt',
    expected_lines=5364,
    indices=list(range(0, 5364, 54)),
    test_mode=True,
    pipeline=[*load_vkitti, pack],
)
dataset = dict(type='ConcatDataset', ignore_keys=['depth_range'])
train_dataloader = dict(
    batch_size=2,
    num_workers=8,
    sampler=dict(_delete_=True, type='InfiniteSampler'),
    batch_sampler=dict(type='SourceBatchSampler', shares=(0.9, 0.1)),
    dataset=dict(**dataset, datasets=[hypersim_train, vkitti_train]),
)
val_dataloader = dict(dataset=dict(**dataset, datasets=[hypersim_val, vkitti_val]))
test_dataloader = val_dataloader
val_evaluator = dict(
    type='AlignedDepthMetric', min_depth_eval=1e-3, max_depth_eval=80.0
)
test_evaluator = val_evaluator
