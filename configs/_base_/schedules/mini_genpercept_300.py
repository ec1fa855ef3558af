_base_ = './genpercept_30k.py'
# Short, with a larger learning rate that falls to nothing.
max_iters = 300
optim_wrapper = dict(enabled=True, optimizer=dict(lr=1e-3), accumulative_counts=1)
param_scheduler = [
    dict(_base_.param_scheduler[0], end=25),
    dict(
        type='CosineAnnealingLR',
        eta_min=0.0,
        begin=25,
        end=max_iters,
        by_epoch=False,
    ),
]
train_cfg = dict(max_iters=max_iters, val_interval=150)
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=50))
auto_scale_lr = dict(base_batch_size=16)
