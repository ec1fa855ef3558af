_base_ = './segmentation.py'
# VOC 2012 with the annotations of SBD, as the released TADP reads it: squashed to a
# square at last, in training and at test.
size = (512, 512)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    # Hue, saturation and value alone.
    dict(
        type='PhotometricJitter',
        brightness=0,
        contrast=0,
        gamma=(1, 1),
        hue=10,
        saturation=10,
        value=10,
        prob=1.0,
    ),
    dict(type='RandomFlip', prob=0.5),
    # Half to twice the picture: the longer side of almost every one has 500 pixels.
    dict(
        type='RandomResize',
        scale=(500, 500),
        ratio_range=(0.5, 2.0),
        keep_ratio=True,
        interpolation='bicubic',
    ),
    dict(type='RandomCrop', crop_size=size),
    dict(type='Resize', scale=size, keep_ratio=False),
    dict(type='PackSegInputs', meta_keys=_base_.meta_keys),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    # Before Resize: the ground truth is squashed, too.
    dict(type='LoadAnnotations'),
    dict(type='Resize', scale=size, keep_ratio=False, interpolation='bicubic'),
    dict(type='ScoreAtInputSize'),
    dict(type='PackSegInputs', meta_keys=_base_.meta_keys),
]
dataset = dict(type='PascalVOCDataset', data_root='data/VOCdevkit/VOC2012')
train_dataloader = dict(
    sampler=dict(type='DefaultSampler'),
    persistent_workers=False,
    drop_last=True,
    dataset=dict(
        **dataset,
        ann_file='ImageSets/Segmentation/trainaug.txt',
        data_prefix=dict(img_path='JPEGImages', seg_map_path='SegmentationClassAug'),
        pipeline=train_pipeline,
    ),
)
# All 1449 pictures; the released code drops the last one.
val_dataloader = dict(
    dataset=dict(
        **dataset,
        ann_file='ImageSets/Segmentation/val.txt',
        data_prefix=dict(img_path='JPEGImages', seg_map_path='SegmentationClass'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
