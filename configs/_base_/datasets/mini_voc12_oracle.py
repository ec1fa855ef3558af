_base_ = './mini_voc12.py'
# The names of the classes of every picture's annotation, at test, too.
oracle = dict(type='OracleCaption', classes=_base_.mini_voc_names)
pack = dict(type='PackSegInputs', meta_keys=(*_base_.meta_keys, 'oracle_caption'))
train_pipeline = [
    *_base_.train_pipeline[:2],
    oracle,
    *_base_.train_pipeline[2:-1],
    pack,
]
test_pipeline = [*_base_.test_pipeline[:2], oracle, *_base_.test_pipeline[2:-1], pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
