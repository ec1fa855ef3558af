_base_ = './vpd_80k.py'
# Short, with a larger learning rate.
optim_wrapper = dict(optimizer=dict(lr=6e-3))
param_scheduler = [
    dict(_base_.param_scheduler[0], end=20),
    dict(_base_.param_scheduler[1], end=600),
]
train_cfg = dict(max_iters=600, val_interval=300)
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=100))
auto_scale_lr = dict(base_batch_size=8)
