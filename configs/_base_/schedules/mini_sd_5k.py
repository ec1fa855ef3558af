_base_ = './iterations.py'
# How `mini` learned to denoise: Muon, and a cosine after a short rise.
optim_wrapper = dict(
    # bfloat16 on a GPU or a CPU that has it.
    type='AutocastOptimWrapper',
    constructor='MuonOptimWrapperConstructor',
    optimizer=dict(type='MuonAdamW', lr=1.5e-3),
    clip_grad=dict(max_norm=1.0),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, begin=0, end=50, by_epoch=False),
    dict(
        type='CosineAnnealingLR',
        eta_min_ratio=0.02,
        begin=50,
        end=5000,
        by_epoch=False,
    ),
]
train_cfg = dict(max_iters=5000, val_interval=500)
default_hooks = dict(checkpoint=dict(interval=100))
auto_scale_lr = dict(enable=False, base_batch_size=32)
