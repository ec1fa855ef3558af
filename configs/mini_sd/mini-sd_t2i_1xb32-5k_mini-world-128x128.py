_base_ = [
    '../_base_/datasets/mini_latents.py',
    '../_base_/schedules/mini_sd_5k.py',
    '../_base_/generation_runtime.py',
    '../_base_/mini_classes.py',
    '../_base_/mini_grid_captions.py',
]
model = dict(
    type='TextToImageDiffusion',
    arch='mini',
    vae=_base_.data_root,
    captions=dict(
        class_names=_base_.classes,
        empty_share=0.1,
        noun_share=0.15,
        class_share=0.35,
        absent_share=0.5,
    ),
    visible_padding_share=0.3,
    mid_share=0.6,
    mid_range=(80, 700),
)
val_evaluator = dict(type='DenoisingError')
test_evaluator = val_evaluator
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='TrainableEMAHook', momentum=0.005),
    dict(type='CaptionGridHook', captions=_base_.grid_captions),
]
