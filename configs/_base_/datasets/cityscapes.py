_base_ = './segmentation.py'
crop_size = (1024, 1024)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(
        type='RandomResize', scale=(2048, 1024), ratio_range=(0.5, 2.0), keep_ratio=True
    ),
    dict(type='RandomCrop', crop_size=crop_size, cat_max_ratio=0.75),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PhotoMetricDistortion'),
    dict(type='PackSegInputs'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    # Leaves Cityscapes' pictures of 1024x2048 alone.
    dict(type='Resize', scale=(2048, 1024), keep_ratio=True),
    # After Resize: the ground truth keeps its size.
    dict(type='LoadAnnotations'),
    dict(type='PackSegInputs'),
]
# The ratios of the released multi-scale test.
tta_ratios = (0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
tta_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(
        type='TestTimeAug',
        transforms=[
            [
                dict(
                    type='Resize', scale=(int(2048 * r), int(1024 * r)), keep_ratio=True
                )
                for r in tta_ratios
            ],
            _base_.tta_flips,
            [dict(type='LoadAnnotations')],
            [dict(type='PackSegInputs')],
        ],
    ),
]
dataset = dict(type='CityscapesDataset', data_root='data/cityscapes')
train_dataloader = dict(
    dataset=dict(
        **dataset,
        data_prefix=dict(img_path='leftImg8bit/train', seg_map_path='gtFine/train'),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        **dataset,
        data_prefix=dict(img_path='leftImg8bit/val', seg_map_path='gtFine/val'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
