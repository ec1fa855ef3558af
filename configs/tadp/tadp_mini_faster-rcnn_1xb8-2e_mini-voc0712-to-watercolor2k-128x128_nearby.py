_base_ = './tadp_mini_faster-rcnn_1xb8-2e_mini-voc0712-to-watercolor2k-128x128.py'
# Released: at test only.
test_pipeline = _base_.test_pipeline
test_pipeline[-2].modifier = 'nearby'
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
