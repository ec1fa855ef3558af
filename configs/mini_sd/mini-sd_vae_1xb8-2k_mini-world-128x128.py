_base_ = [
    '../_base_/datasets/mini_world_captions.py',
    '../_base_/generation_runtime.py',
]
max_iters = 2400
model = dict(
    type='LatentAutoencoder',
    arch='mini',
    gradient_weight=0.25,
    kl_weight=1e-4,
    crop_size=64,
    crops_per_image=2,
    full_size_share=0.2,
)
val_evaluator = dict(type='ReconstructionPSNR')
test_evaluator = val_evaluator
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, begin=0, end=30, by_epoch=False),
    dict(
        type='CosineAnnealingLR',
        eta_min_ratio=0.02,
        begin=30,
        end=max_iters,
        by_epoch=False,
    ),
]
train_cfg = dict(type='IterBasedTrainLoop', max_iters=max_iters, val_interval=400)
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='TrainableEMAHook', momentum=0.01),
    dict(type='ReconstructionGridHook', max_images=8),
]
auto_scale_lr = dict(enable=False, base_batch_size=8)
