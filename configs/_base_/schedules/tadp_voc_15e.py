_base_ = ['./epochs.py', './transformer_norms.py']
# The released TADP on VOC. Nothing reads the factors of its parameter groups, so the
# UNet trains at the full learning rate; the paper says a tenth.
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='MergedOptimWrapperConstructor',
    optimizer=dict(type='AdamW', lr=1e-5, weight_decay=1e-2),
    paramwise_cfg=dict(
        custom_keys=dict.fromkeys(_base_.transformer_norms, dict(decay_mult=0.0))
    ),
    # Table S3f.
    accumulative_counts=4,
)
# What was meant: (1 - x)^0.9 over all iterations. The released code divides by an
# epoch's length of 1, and its rate is a complex number after 15 steps.
param_scheduler = [
    dict(
        type='PolyLR',
        power=0.9,
        eta_min=0.0,
        begin=0,
        end=15,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
train_cfg = dict(max_epochs=15)
default_hooks = dict(
    checkpoint=dict(save_best='mIoU'), visualization=dict(type='SegVisualizationHook')
)
# The learning rate above belongs to 1 GPU x 2 images.
auto_scale_lr = dict(enable=False, base_batch_size=2)
