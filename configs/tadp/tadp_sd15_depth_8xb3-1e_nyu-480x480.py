_base_ = './tadp_sd15_depth_8xb3-25e_nyu-480x480.py'
# TADP-0.
captions = dict(
    _base_.captions, ann_file='data/nyu/captions/nyuv2_captions_min=0_max=77.json'
)
train_pipeline = [*_base_.train_pipeline[:-2], captions, _base_.pack]
test_pipeline = [*_base_.test_pipeline[:-2], captions, _base_.pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
# The fast schedule: one epoch at a constant rate.
param_scheduler = None
train_cfg = dict(max_epochs=1)
