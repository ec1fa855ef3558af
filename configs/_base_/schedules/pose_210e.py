_base_ = './multistep.py'
# mmpose's schedule of top-down heatmaps.
optim_wrapper = dict(optimizer=dict(lr=5e-4, weight_decay=0.1))
param_scheduler = [_base_.warmup, dict(_base_.steps, end=210, milestones=[170, 200])]
train_cfg = dict(max_epochs=210, val_interval=10)
default_hooks = dict(
    checkpoint=dict(interval=10, save_best='coco/AP'),
    visualization=dict(type='PoseVisualizationHook', enable=False),
)
# The learning rates above belong to 8 GPUs x 32 persons.
auto_scale_lr = dict(enable=False, base_batch_size=256)
