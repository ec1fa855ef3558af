_base_ = './mini_voc0712_detection.py'
# Captions of `mini-captioner`.
captions = dict(
    type='LoadCaption',
    ann_file='data/mini_captions/voc.json',
    extension=False,
)
pack = dict(type='PackDetInputs', meta_keys=(*_base_.meta_keys, 'caption'))
train_pipeline = [*_base_.train_pipeline[:-1], captions, pack]
test_pipeline = [*_base_.test_pipeline[:-1], captions, pack]
train_sets = [dict(each, pipeline=train_pipeline) for each in _base_.train_sets]
train_dataloader = dict(dataset=dict(datasets=train_sets))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
