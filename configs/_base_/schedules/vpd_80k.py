# What the released VPD segmentation really trains. Its longest-key matching lets `norm`
# win over `unet`, so the norms of the UNet's transformers run at the full learning rate
# without decay, while those of its residual blocks keep a tenth of it, with decay.
_transformer_norm = dict(lr_mult=1.0, decay_mult=0.0)
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='MergedOptimWrapperConstructor',
    optimizer=dict(type='AdamW', lr=8e-5, weight_decay=1e-3),
    paramwise_cfg=dict(
        custom_keys={
            'backbone.unet': dict(lr_mult=0.1),
            'attentions.0.norm.': _transformer_norm,
            'attentions.1.norm.': _transformer_norm,
            'attentions.2.norm.': _transformer_norm,
            'transformer_blocks.0.norm': _transformer_norm,
        }
    ),
    # Of smaller cards: half the images and 2 here make the same step in 2 iterations.
    accumulative_counts=1,
)
# The warm-up multiplies a polynomial that decays from the first iteration on.
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6, begin=0, end=1500, by_epoch=False),
    dict(type='PolyLR', power=1.0, eta_min=0.0, begin=0, end=80000, by_epoch=False),
]
train_cfg = dict(type='IterBasedTrainLoop', max_iters=80000, val_interval=8000)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50, log_metric_by_epoch=False),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(
        type='CheckpointHook',
        by_epoch=False,
        interval=8000,
        max_keep_ckpts=2,
        save_best='mIoU',
        rule='greater',
    ),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    visualization=dict(type='SegVisualizationHook'),
)
# Learning rates above belong to 8 GPUs x 2 images.
auto_scale_lr = dict(enable=False, base_batch_size=16)
