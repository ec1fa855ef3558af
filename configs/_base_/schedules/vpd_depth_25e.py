_base_ = './epochs.py'
# The released VPD depth estimation. Its command line has weight decay 0.1, its defaults
# 0.05; it accepts layer decay and drop path and ignores them. The paper gives the UNet
# a tenth of the learning rate, the code a hundredth.
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='UndecayedVectorsOptimWrapperConstructor',
    optimizer=dict(type='AdamW', lr=5e-4, betas=(0.9, 0.999), weight_decay=0.1),
    paramwise_cfg=dict(custom_keys={'backbone.unet': dict(lr_mult=0.01)}),
    # On smaller GPUs halve batch_size and set 2: the same step in two iterations.
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
train_cfg = dict(max_epochs=25)
default_hooks = dict(
    # As released, the best epoch is chosen on the test set.
    checkpoint=dict(save_best='rmse', rule='less'),
    visualization=dict(type='SegVisualizationHook'),
)
# The learning rates above belong to 3 GPUs x 8 images.
auto_scale_lr = dict(enable=False, base_batch_size=24)
