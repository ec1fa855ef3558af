_base_ = [
    './vpd_sd15_mmseg-depth_4xb8-25k_nyu-480x480.py',
    '../_base_/models/mini_vpd_depth.py',
]
data_root = 'data/mini_nyu'
crop_size = (96, 96)
model = _base_.mini_vpd_depth
train_pipeline = _base_.train_pipeline
train_pipeline[4].crop_size = crop_size
# The same laws and ranges without the package albumentations.
train_pipeline[5] = dict(type='PhotometricJitter')
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (533, 128)
dataset = dict(data_root=data_root, pipeline=test_pipeline)
train_dataloader = dict(num_workers=2, dataset=dict(dataset, pipeline=train_pipeline))
val_dataloader = test_dataloader = dict(num_workers=2, dataset=dataset)
# NYUv2's crop is in pixels of its 480x640.
val_evaluator = test_evaluator = dict(crop_type=None)
custom_keys = {'backbone.unet': dict(lr_mult=0.1)}
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=custom_keys))
param_scheduler = _base_.param_scheduler
param_scheduler[0].end = 480
param_scheduler[1].update(begin=480, end=960)
param_scheduler[2].update(begin=960, end=1000)
train_cfg = dict(max_iters=1000, val_interval=500)
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=250))
env_cfg = dict(cudnn_benchmark=False, dist_cfg=dict(backend='gloo'))
