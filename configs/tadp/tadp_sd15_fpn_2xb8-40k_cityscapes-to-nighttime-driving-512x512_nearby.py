_base_ = './tadp_sd15_fpn_2xb8-40k_cityscapes-to-nighttime-driving-512x512.py'
domain = dict(type='TargetDomainText', domain='night', modifier='nearby')
# Released: in training, too.
train_pipeline = [*_base_.train_pipeline[:-1], domain, _base_.pack]
test_pipeline = [*_base_.test_pipeline[:-1], domain, _base_.pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
