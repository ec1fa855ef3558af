_base_ = './instruct_refcoco.py'
resize = dict(scale=(128, 128))
train_pipeline = _base_.train_pipeline
train_pipeline[3].scale = resize['scale']
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = resize['scale']
dataset = dict(data_root='data/mini_refcoco')
train_dataloader = dict(
    batch_size=16, num_workers=1, dataset=dict(**dataset, pipeline=train_pipeline)
)
# Every fifth sentence of the first 1,750: 350 from all over the validation split.
val_dataloader = dict(
    num_workers=1,
    dataset=dict(**dataset, indices=list(range(0, 1750, 5)), pipeline=test_pipeline),
)
test_dataloader = val_dataloader
