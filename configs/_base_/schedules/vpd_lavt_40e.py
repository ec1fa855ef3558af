# What the released VPD referring segmentation really trains. Its parameter groups have
# an entry that would scale the UNet's learning rate by 0.01, but nothing reads it: the
# UNet trains at the full learning rate, and so the published figures were made. The
# paper says a tenth. Only the norms of the UNet's transformers have no decay; those of
# its residual blocks and of the decoder have.
_no_decay = dict(decay_mult=0.0)
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='MergedOptimWrapperConstructor',
    optimizer=dict(type='AdamW', lr=5e-5, weight_decay=1e-2),
    paramwise_cfg=dict(
        custom_keys={
            'attentions.0.norm.': _no_decay,
            'attentions.1.norm.': _no_decay,
            'attentions.2.norm.': _no_decay,
            'transformer_blocks.0.norm': _no_decay,
        }
    ),
    # Of smaller cards: half the images and 2 here make the same step in 2 iterations.
    accumulative_counts=1,
)
# Falls to 0 within the epochs, at every iteration, without warm-up.
param_scheduler = [
    dict(
        type='PolyLR',
        power=0.9,
        eta_min=0.0,
        begin=0,
        end=40,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=40, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(
        type='CheckpointHook',
        interval=1,
        max_keep_ckpts=2,
        save_best='referring/network/oIoU',
        rule='greater',
    ),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    visualization=dict(type='SegVisualizationHook'),
)
# Learning rates above belong to 4 GPUs x 8 images.
auto_scale_lr = dict(enable=False, base_batch_size=32)
