_base_ = ['./iterations.py', './transformer_norms.py']
# What the released VPD segmentation really trains. Its longest-key matching lets `norm`
# win over `unet`: the norms of the UNet's transformers train at the full learning rate
# without decay, those of its residual blocks at a tenth of it with decay.
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='MergedOptimWrapperConstructor',
    optimizer=dict(type='AdamW', lr=8e-5, weight_decay=1e-3),
    paramwise_cfg=dict(
        custom_keys={
            'backbone.unet': dict(lr_mult=0.1),
            **dict.fromkeys(
                _base_.transformer_norms, dict(lr_mult=1.0, decay_mult=0.0)
            ),
        }
    ),
    # On smaller GPUs halve batch_size and set 2: the same step in two iterations.
    accumulative_counts=1,
)
# The warm-up multiplies a polynomial that decays from the first iteration on.
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6, begin=0, end=1500, by_epoch=False),
    dict(type='PolyLR', power=1.0, eta_min=0.0, begin=0, end=80000, by_epoch=False),
]
train_cfg = dict(max_iters=80000, val_interval=8000)
default_hooks = dict(
    checkpoint=dict(interval=8000, save_best='mIoU', rule='greater'),
    visualization=dict(type='SegVisualizationHook'),
)
# The learning rates above belong to 8 GPUs x 2 images.
auto_scale_lr = dict(enable=False, base_batch_size=16)
