_base_ = './voc0712_detection.py'
# The names of the classes of every picture's boxes, at test, too.
oracle = dict(type='OracleCaption', classes=_base_.voc_names[1:])
pack = dict(type='PackDetInputs', meta_keys=(*_base_.meta_keys, 'oracle_caption'))
train_pipeline = [*_base_.train_pipeline[:-1], oracle, pack]
test_pipeline = [*_base_.test_pipeline[:-1], oracle, pack]
train_sets = [dict(each, pipeline=train_pipeline) for each in _base_.train_sets]
train_dataloader = dict(dataset=dict(datasets=train_sets))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
