_base_ = './voc12aug.py'
# VOC 2012 with captions of at least 40 of BLIP-2's tokens, one for every picture.
captions = dict(
    type='LoadCaption',
    ann_file='data/VOCdevkit/captions/pascal_captions_min=40_max=77.json',
    extension=False,
    only=True,
)
pack = dict(type='PackSegInputs', meta_keys=(*_base_.meta_keys, 'caption'))
train_pipeline = [*_base_.train_pipeline[:-1], captions, pack]
test_pipeline = [*_base_.test_pipeline[:-1], captions, pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
