_base_ = './depth.py'
crop_size = (480, 480)
meta_keys = (*_base_.meta_keys, 'scene')
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadMetricDepth', depth_rescale_factor=1e-3),
    # Released: every fourth sample, with millimeters that wrap around in 8 bits.
    dict(type='VerticalCutDepth', prob=0.25, width_ratio=0.75),
    dict(type='RandomFlip', prob=0.5),
    dict(type='RandomCrop', crop_size=crop_size),
    # albumentations' laws and default ranges, as released.
    dict(type='PhotometricJitter'),
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    # Leaves NYUv2's pictures of 480x640 alone.
    dict(type='Resize', scale=(2000, 480), keep_ratio=True),
    # After Resize: the ground truth keeps its size.
    dict(type='LoadMetricDepth', depth_rescale_factor=1e-3),
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
# The released code takes the first of the 27 scenes that a file's path contains.
# scene_policy='exact' is mmsegmentation's; then nyu_office is an unknown scene, which
# needs unknown_scene='unknown' here and unknown='mean' in the prompt.
dataset = dict(
    type='NYUDepthListDataset',
    data_root='data/nyu',
    scene_policy='substring',
    unknown_scene=None,
)
train_dataloader = dict(
    dataset=dict(
        **dataset,
        data_prefix=dict(img_path='nyu_depth_v2/sync'),
        ann_file='filenames/nyudepthv2/train_list.txt',
        expected_lines=24231,
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        **dataset,
        data_prefix=dict(img_path='nyu_depth_v2/official_splits/test'),
        ann_file='filenames/nyudepthv2/test_list.txt',
        expected_lines=654,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(max_depth_eval=10.0, crop_type='nyu_crop')
test_evaluator = val_evaluator
