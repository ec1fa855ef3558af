_base_ = './multistep.py'
# mmdetection's 1x schedule.
optim_wrapper = dict(optimizer=dict(lr=1e-4, weight_decay=0.05))
param_scheduler = [_base_.warmup, dict(_base_.steps, end=12, milestones=[8, 11])]
train_cfg = dict(max_epochs=12)
default_hooks = dict(
    checkpoint=dict(save_best='coco/bbox_mAP'),
    visualization=dict(type='DetVisualizationHook'),
)
# The learning rates above belong to 8 GPUs x 2 images.
auto_scale_lr = dict(enable=False, base_batch_size=16)
