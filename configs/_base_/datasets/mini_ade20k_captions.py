_base_ = './mini_ade20k.py'
# Captions of `mini-captioner`.
captions = dict(
    type='LoadCaption',
    ann_file='data/mini_captions/ade20k.json',
    only=True,
)
pack = dict(type='PackSegInputs', meta_keys=(*_base_.meta_keys, 'caption'))
train_pipeline = [*_base_.train_pipeline[:-1], captions, pack]
test_pipeline = [*_base_.test_pipeline[:-1], captions, pack]
tta_pipeline = [_base_.tta_pipeline[0], captions, _base_.tta_pipeline[1]]
tta_pipeline[2]['transforms'][-1] = [pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
