_base_ = './epochs.py'
optim_wrapper = dict(
    type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.05)
)
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=8, by_epoch=True, convert_to_iter_based=True)
]
train_cfg = dict(max_epochs=8)
default_hooks = dict(logger=dict(interval=20))
auto_scale_lr = dict(enable=False, base_batch_size=32)
