_base_ = './mini_nyu.py'
# Captions of `mini-captioner`.
captions = dict(
    type='LoadCaption',
    ann_file='data/mini_captions/nyu.json',
    parts=2,
    prefix='/',
    only=True,
)
pack = dict(type='PackSegInputs', meta_keys=(*_base_.meta_keys, 'caption'))
train_pipeline = [*_base_.train_pipeline[:-1], captions, pack]
test_pipeline = [*_base_.test_pipeline[:-1], captions, pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
