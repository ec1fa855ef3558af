_base_ = './segmentation.py'
# TADP across domains, as released: Cityscapes by day at half its size, with captions
# of any length, and a target domain without training pictures.
captions = dict(type='LoadCaption', parts=2, only=True)
source_captions = dict(
    captions, ann_file='data/cityscapes/captions/cityscapes_captions_min=0_max=77.json'
)
pack = dict(type='PackSegInputs', meta_keys=(*_base_.meta_keys, 'caption'))
crop_size = (512, 512)
# Names the target domain, or nothing (the paper's null), in training too.
domain = dict(type='TargetDomainText', domain='night', modifier='null')
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='Resize', scale=(1280, 720), keep_ratio=True),
    dict(type='RandomCrop', crop_size=crop_size, cat_max_ratio=0.75),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PhotoMetricDistortion'),
    source_captions,
    domain,
    pack,
]
train_dataloader = dict(
    dataset=dict(
        type='CityscapesDataset',
        data_root='data/cityscapes',
        data_prefix=dict(img_path='leftImg8bit/train', seg_map_path='gtFine/train'),
        pipeline=train_pipeline,
    ),
)
test_steps = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(1024, 512), keep_ratio=True),
    # After Resize: the ground truth keeps its size.
    dict(type='LoadAnnotations'),
]
