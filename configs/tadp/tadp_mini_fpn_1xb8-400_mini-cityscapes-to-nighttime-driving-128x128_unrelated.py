_base_ = './tadp_mini_fpn_1xb8-400_mini-cityscapes-to-nighttime-driving-128x128.py'
domain = dict(type='TargetDomainText', domain='night', modifier='unrelated')
# Released: in training, too.
train_pipeline = [*_base_.train_pipeline[:-1], domain, _base_.pack]
test_pipeline = [*_base_.test_pipeline[:-1], domain, _base_.pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
