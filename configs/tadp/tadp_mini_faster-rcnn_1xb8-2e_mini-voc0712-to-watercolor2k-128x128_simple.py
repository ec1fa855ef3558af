_base_ = './tadp_mini_faster-rcnn_1xb8-2e_mini-voc0712-to-watercolor2k-128x128.py'
# Released: at test only.
domain = dict(type='TargetDomainText', domain='watercolor', modifier='simple')
test_pipeline = [*_base_.test_pipeline[:-1], domain, _base_.pack]
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
