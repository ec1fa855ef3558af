_base_ = './tadp_voc_15e.py'
# Short, with a larger learning rate; the paper's tenth for the UNet.
optim_wrapper = dict(
    optimizer=dict(lr=3e-3),
    paramwise_cfg=dict(custom_keys={'backbone.unet': dict(lr_mult=0.1)}),
    accumulative_counts=1,
)
param_scheduler = [dict(_base_.param_scheduler[0], end=2)]
train_cfg = dict(max_epochs=2)
default_hooks = dict(logger=dict(interval=20))
auto_scale_lr = dict(base_batch_size=8)
