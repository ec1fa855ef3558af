_base_ = './tadp_mini_fpn_1xb8-400_mini-cityscapes-to-nighttime-driving-128x128.py'
model = dict(backbone=dict(pretrained='pretrained/mini_dreambooth/night'))
train_pipeline, test_pipeline = _base_.train_pipeline, _base_.test_pipeline
train_pipeline[-2].modifier = test_pipeline[-2].modifier = 'dreambooth'
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
