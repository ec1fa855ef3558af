_base_ = './refcoco.py'
resize = dict(scale=(128, 128))
train_pipeline = _base_.train_pipeline
train_pipeline[3].scale = resize['scale']
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = resize['scale']
dataset = dict(data_root='data/mini_refcoco')
train_dataloader = dict(num_workers=2, dataset=dict(**dataset, pipeline=train_pipeline))
val_dataloader = dict(num_workers=2, dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
