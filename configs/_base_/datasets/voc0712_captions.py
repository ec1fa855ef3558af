_base_ = './voc0712_detection.py'
# The released captions, a file of their own: of 5,823 pictures it has two, of which the
# first is taken.
captions = dict(
    type='LoadCaption',
    ann_file='data/VOCdevkit/captions/pascal_object_captions_min40_max77.json',
    extension=False,
)
pack = dict(type='PackDetInputs', meta_keys=(*_base_.meta_keys, 'caption'))
train_pipeline = [*_base_.train_pipeline[:-1], captions, pack]
test_pipeline = [*_base_.test_pipeline[:-1], captions, pack]
train_sets = [dict(each, pipeline=train_pipeline) for each in _base_.train_sets]
train_dataloader = dict(dataset=dict(datasets=train_sets))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
