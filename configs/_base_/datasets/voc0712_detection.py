_base_ = ['./epoch_loaders.py', '../voc_names.py']
# VOC 2007 and 2012 trainval, tested on all pictures of VOC 2007 test. As the released
# TADP reads it: squashed to a square, and nothing else.
meta_keys = ('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor')
pack = dict(type='PackDetInputs', meta_keys=meta_keys)
resize = dict(type='Resize', scale=(512, 512), keep_ratio=False)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True),
    resize,
    pack,
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    resize,
    # After Resize: boxes are scored in the pixels of the file.
    dict(type='LoadAnnotations', with_bbox=True),
    pack,
]
dataset = dict(type='VOCDataset', data_root='data/VOCdevkit')
train_sets = [
    dict(
        **dataset,
        ann_file=f'VOC{year}/ImageSets/Main/trainval.txt',
        data_prefix=dict(sub_data_root=f'VOC{year}/'),
        pipeline=train_pipeline,
    )
    for year in (2007, 2012)
]
train_dataloader = dict(
    batch_size=2,
    # The years are no part of what the two have to agree on.
    dataset=dict(
        type='ConcatDataset', ignore_keys=['dataset_type'], datasets=train_sets
    ),
)
val_dataloader = dict(
    dataset=dict(
        **dataset,
        ann_file='VOC2007/ImageSets/Main/test.txt',
        data_prefix=dict(sub_data_root='VOC2007/'),
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
# AP is the mean over IoUs from 0.5 to 0.95. Both rules, since the paper does not say
# which is its: VOC 2012's area below the curve, and 2007's eleven points.
ious = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]
val_evaluator = [
    dict(type='VOCMetric', iou_thrs=ious, eval_mode='area', prefix='voc12'),
    dict(type='VOCMetric', iou_thrs=ious, eval_mode='11points', prefix='voc07'),
]
test_evaluator = val_evaluator
