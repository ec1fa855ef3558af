_base_ = './tadp_sd15_faster-rcnn_1xb2-100e_voc0712-to-watercolor2k-512x512.py'
# Released: at test only.
test_pipeline = _base_.test_pipeline
test_pipeline[-2].modifier = 'nearby'
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
