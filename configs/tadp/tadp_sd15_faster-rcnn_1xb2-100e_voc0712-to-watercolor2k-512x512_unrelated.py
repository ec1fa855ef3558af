_base_ = './tadp_sd15_faster-rcnn_1xb2-100e_voc0712-to-watercolor2k-512x512.py'
# Released: at test only.
domain = dict(type='TargetDomainText', domain='watercolor', modifier='unrelated')
test_pipeline = [*_base_.test_pipeline[:-1], domain, _base_.pack]
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
