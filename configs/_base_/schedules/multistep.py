_base_ = './epochs.py'
# Detection and pose: the host's steps with the optimizer of its transformer backbones;
# the pre-trained UNet gets a tenth of the learning rate.
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='MergedOptimWrapperConstructor',
    optimizer=dict(type='AdamW', betas=(0.9, 0.999)),
    paramwise_cfg=dict(custom_keys={'backbone.unet': dict(lr_mult=0.1)}),
    clip_grad=dict(max_norm=1.0),
    # On smaller GPUs halve batch_size and set 2: the same step in two iterations.
    accumulative_counts=1,
)
warmup = dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=500)
steps = dict(type='MultiStepLR', begin=0, by_epoch=True, gamma=0.1)
