_base_ = './depth.py'
kb_crop_size = (352, 1216)
crop_size = (352, 352)
depth_unit = 1 / 256
max_depth = 80.0
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
    dict(type='PackSegInputs', meta_keys=_base_.meta_keys),
]
# Prediction and ground truth are compared in the frame of the crop.
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadMetricDepth', depth_rescale_factor=depth_unit),
    dict(type='KBCrop', crop_size=kb_crop_size),
    dict(type='PackSegInputs', meta_keys=_base_.meta_keys),
]
dataset = dict(type='KITTIDepthListDataset', data_root='data/kitti')
train_dataloader = dict(
    dataset=dict(
        **dataset,
        ann_file='filenames/eigen_benchmark/train_list.txt',
        expected_lines=23158,
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        **dataset,
        ann_file='filenames/eigen_benchmark/test_list.txt',
        expected_lines=652,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(max_depth_eval=max_depth, crop_type='garg_crop')
test_evaluator = val_evaluator
