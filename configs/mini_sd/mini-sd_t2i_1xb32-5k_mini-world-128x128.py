_base_ = [
    '../_base_/datasets/mini_world_captions.py',
    '../_base_/generation_runtime.py',
    '../_base_/mini_classes.py',
]
# Written by tools/encoders/encode_latents.py: the trained VAE, and what it
# makes of the training and validation scenes.
data_root = 'data/mini_latents'
max_iters = 5000
model = dict(
    type='TextToImageDiffusion',
    arch='mini',
    vae=data_root,
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
dataset_type = 'LatentCaptionDataset'
train_dataloader = dict(
    batch_size=32,
    num_workers=1,
    dataset=dict(_delete_=True, type=dataset_type, data_root=f'{data_root}/train'),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=1,
    dataset=dict(_delete_=True, type=dataset_type, data_root=f'{data_root}/val'),
)
test_dataloader = val_dataloader
val_evaluator = dict(type='DenoisingError')
test_evaluator = val_evaluator
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, begin=0, end=50, by_epoch=False),
    dict(
        type='CosineAnnealingLR',
        eta_min_ratio=0.02,
        begin=50,
        end=max_iters,
        by_epoch=False,
    ),
]
train_cfg = dict(type='IterBasedTrainLoop', max_iters=max_iters, val_interval=500)
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='TrainableEMAHook', momentum=0.005),
    dict(
        type='CaptionGridHook',
        captions=[
            'a tree and a house on the grass under a sky',
            'a red car on the grass under a cloudy sky',
            'a blue boat on the grass under a clear sky',
            'a large yellow house on the short grass under a sky',
            'a person and a ball on the tall grass under a sky',
            'a flower on the mown grass under a sky',
            'two trees and a car on the grass under a sky',
            'a person to the left of a tree on the grass',
            'a green chair on the wooden floor in front of a plain wall',
            'a lamp and a chair on the floor in front of a brick wall',
            'a bottle and a box on the tiled floor in front of a wall',
            'a purple clock on the floor in front of a papered wall',
            'a person and a lamp on the carpeted floor in front of a wall',
            'a large orange ball on the floor in front of a panelled wall',
            'two boxes on the wooden floor in front of a wall',
            'a white flower on the floor in front of a wall',
        ],
    ),
]
auto_scale_lr = dict(enable=False, base_batch_size=32)
