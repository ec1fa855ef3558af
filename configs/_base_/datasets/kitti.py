dataset_type = 'KITTIDepthListDataset'
data_root = 'data/kitti'
kb_crop_size = (352, 1216)
crop_size = (352, 352)
depth_unit = 1 / 256
max_depth = 80.0
meta_keys = (
    'img_path',
    'depth_map_path',
    'ori_shape',
    'img_shape',
    'pad_shape',
    'scale_factor',
    'flip',
    'flip_direction',
)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadMetricDepth', depth_rescale_factor=depth_unit),
    dict(type='KBCrop', crop_size=kb_crop_size),
    # Released: every fourth sample, with units that wrap around in 8 bits.
    dict(
        type='VerticalCutDepth',
        prob=0.25,
        width_ratio=0.75,
        max_depth=max_depth,
    ),
    dict(type='RandomFlip', prob=0.5),
    dict(type='RandomCrop', crop_size=crop_size),
    # albumentations' laws and default ranges, as released.
    dict(type='PhotometricJitter'),
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
# Prediction and ground truth are compared in the frame of the crop.
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadMetricDepth', depth_rescale_factor=depth_unit),
    dict(type='KBCrop', crop_size=kb_crop_size),
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
train_dataloader = dict(
    batch_size=8,
    num_workers=8,
    # Workers that start anew are seeded anew: a run that resumes at an epoch then draws
    # the same crops as one that was never stopped.
    persistent_workers=False,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='filenames/eigen_benchmark/train_list.txt',
        expected_lines=23158,
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='filenames/eigen_benchmark/test_list.txt',
        expected_lines=652,
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(
    type='PerImageDepthMetric',
    min_depth_eval=1e-3,
    max_depth_eval=max_depth,
    crop_type='garg_crop',
)
test_evaluator = val_evaluator
