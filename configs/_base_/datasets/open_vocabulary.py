_base_ = './segmentation.py'
# What data sets of open-vocabulary segmentation share: captions, and weak augmentation,
# of which the paper says no more. Scales are mmsegmentation's.
crop_size = (512, 512)
captions = dict(type='LoadCaption', only=True)
pack = dict(type='PackSegInputs', meta_keys=(*_base_.meta_keys, 'caption'))
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(
        type='RandomResize', scale=(2048, 512), ratio_range=(0.5, 2.0), keep_ratio=True
    ),
    dict(type='RandomCrop', crop_size=crop_size, cat_max_ratio=0.75),
    dict(type='RandomFlip', prob=0.5),
    captions,
    pack,
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(2048, 512), keep_ratio=True),
    # After Resize: the ground truth keeps its size.
    dict(type='LoadAnnotations'),
    captions,
    pack,
]
val_evaluator = dict(type='OpenVocabularyIoUMetric', trained='COCOStuffDataset')
test_evaluator = val_evaluator
