_base_ = './coco_keypoints.py'
# 2 cells of mmpose's 48x64 heatmaps are 4.5 of these; with a fraction, mmpose draws its
# Gaussians off their center.
codec = dict(
    type='UDPHeatmap', input_size=(448, 576), heatmap_size=(112, 144), sigma=4.0
)
train_pipeline = _base_.train_pipeline
train_pipeline[5].input_size = codec['input_size']
train_pipeline[6].encoder = codec
test_pipeline = _base_.test_pipeline
test_pipeline[2].input_size = codec['input_size']
train_dataloader = dict(batch_size=8, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
