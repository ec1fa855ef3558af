_base_ = './mini_ade20k.py'
# The names of the classes of every annotation, at test, too.
# Classes win over those of the data set.
oracle = dict(type='OracleCaption', dataset='ADE20KDataset', classes=_base_.classes)
pack = dict(type='PackSegInputs', meta_keys=(*_base_.meta_keys, 'oracle_caption'))
train_pipeline = [
    *_base_.train_pipeline[:2],
    oracle,
    *_base_.train_pipeline[2:-1],
    pack,
]
test_pipeline = [*_base_.test_pipeline[:-1], oracle, pack]
tta_pipeline = _base_.tta_pipeline
tta_pipeline[1]['transforms'][-1:] = [[oracle], [pack]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
