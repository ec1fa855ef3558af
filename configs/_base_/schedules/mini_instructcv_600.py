_base_ = './instructcv_20e.py'
# Short, with a larger learning rate that falls to nothing.
max_iters = 600
optim_wrapper = dict(
    optimizer=dict(lr=1e-3, betas=(0.9, 0.99)),
    accumulative_counts=1,
    clip_grad=dict(max_norm=1.0),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.04, begin=0, end=25, by_epoch=False),
    dict(
        type='CosineAnnealingLR',
        eta_min=0.0,
        begin=25,
        end=max_iters,
        by_epoch=False,
    ),
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=100))
auto_scale_lr = dict(base_batch_size=16)
