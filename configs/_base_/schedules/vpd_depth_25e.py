# The released VPD depth estimation (its command line has weight decay 0.1, its defaults
# 0.05; layer decay and drop path are accepted there and ignored). The paper gives the
# UNet a tenth of the learning rate, the code a hundredth.
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='UndecayedVectorsOptimWrapperConstructor',
    optimizer=dict(type='AdamW', lr=5e-4, betas=(0.9, 0.999), weight_decay=0.1),
    paramwise_cfg=dict(custom_keys={'backbone.unet': dict(lr_mult=0.01)}),
    # Of smaller cards: half the images and 2 here make the same step in 2 iterations.
    accumulative_counts=1,
)
# 3e-5 to 5e-4 and back in twelve epochs each, the last epoch at 3e-5.
param_scheduler = [
    dict(
        type='TriangularLR',
        eta_min_ratio=0.06,
        power=0.9,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=25, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    # As released, the best epoch is chosen on the test set.
    checkpoint=dict(
        type='CheckpointHook',
        interval=1,
        max_keep_ckpts=2,
        save_best='rmse',
        rule='less',
    ),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    visualization=dict(type='SegVisualizationHook'),
)
# Learning rates above belong to 3 GPUs x 8 images.
auto_scale_lr = dict(enable=False, base_batch_size=24)
