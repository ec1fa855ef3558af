_base_ = './instruct_pix2pix_60e.py'
# Short, with a larger learning rate that falls to nothing. It counts iterations: an
# epoch has 829.
max_iters = 500
optim_wrapper = dict(
    optimizer=dict(lr=1e-3, betas=(0.9, 0.99)), clip_grad=dict(max_norm=1.0)
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
train_cfg = dict(
    _delete_=True, type='IterBasedTrainLoop', max_iters=max_iters, val_interval=250
)
default_hooks = dict(
    logger=dict(interval=20, log_metric_by_epoch=False),
    checkpoint=dict(by_epoch=False, interval=50),
)
auto_scale_lr = dict(base_batch_size=16)
