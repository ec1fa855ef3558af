_base_ = ['./voc0712_detection.py', '../mini_voc_classes.py']
resize = dict(scale=(128, 128))
train_pipeline = _base_.train_pipeline
train_pipeline[2].scale = resize['scale']
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = resize['scale']
dataset = dict(
    data_root='data/mini_voc',
    metainfo=dict(classes=_base_.classes[1:]),
    data_prefix=dict(sub_data_root='VOC2012/'),
)
lists = 'VOC2012/ImageSets/Main'
# One set in two halves, where the full size has two years.
train_sets = [
    dict(
        each,
        **dataset,
        ann_file=f'{lists}/train.txt',
        indices=indices,
        pipeline=train_pipeline,
    )
    for each, indices in zip(_base_.train_sets, (500, -500), strict=True)
]
train_dataloader = dict(batch_size=8, num_workers=2, dataset=dict(datasets=train_sets))
val_dataloader = dict(
    num_workers=2,
    dataset=dict(**dataset, ann_file=f'{lists}/val.txt', pipeline=test_pipeline),
)
test_dataloader = val_dataloader
