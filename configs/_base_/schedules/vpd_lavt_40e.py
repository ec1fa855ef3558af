_base_ = ['./epochs.py', './transformer_norms.py']
# What the released VPD referring segmentation really trains. Its parameter groups have
# an entry that would scale the UNet's learning rate by 0.01, but nothing reads it: the
# UNet trains at the full learning rate, and so the published figures were made. The
# paper says a tenth. Only the norms of the UNet's transformers have no decay; those of
# its residual blocks and of the decoder have.
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='MergedOptimWrapperConstructor',
    optimizer=dict(type='AdamW', lr=5e-5, weight_decay=1e-2),
    paramwise_cfg=dict(
        custom_keys=dict.fromkeys(_base_.transformer_norms, dict(decay_mult=0.0))
    ),
    # On smaller GPUs halve batch_size and set 2: the same step in two iterations.
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
train_cfg = dict(max_epochs=40)
default_hooks = dict(
    checkpoint=dict(save_best='referring/network/oIoU'),
    visualization=dict(type='SegVisualizationHook'),
)
# The learning rates above belong to 4 GPUs x 8 images.
auto_scale_lr = dict(enable=False, base_batch_size=32)
