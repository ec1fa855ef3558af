_base_ = [
    '../_base_/datasets/mini_world_captions.py',
    '../_base_/schedules/mini_sd_vae_2400.py',
    '../_base_/generation_runtime.py',
]
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
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='TrainableEMAHook', momentum=0.01),
    dict(type='ReconstructionGridHook', max_images=8),
]
