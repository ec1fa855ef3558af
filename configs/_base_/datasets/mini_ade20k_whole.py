_base_ = './mini_ade20k.py'
# Whole scenes: other scales and colors would need a longer schedule.
train_pipeline = [_base_.train_pipeline[index] for index in (0, 1, 4, 6)]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
