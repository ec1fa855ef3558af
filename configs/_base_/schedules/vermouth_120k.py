_base_ = './iterations.py'
# Vermouth's segmentation: 120k iterations, or 8k. Rate and decay are those of its other
# tasks; the paper's supplement may have others.
optim_wrapper = dict(
    type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-4, weight_decay=5e-4)
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6, begin=0, end=1500, by_epoch=False),
    dict(type='PolyLR', power=0.9, eta_min=0.0, begin=0, end=120000, by_epoch=False),
]
train_cfg = dict(max_iters=120000, val_interval=12000)
default_hooks = dict(
    checkpoint=dict(interval=12000, save_best='mIoU', rule='greater'),
    visualization=dict(type='SegVisualizationHook'),
)
auto_scale_lr = dict(enable=False, base_batch_size=16)
