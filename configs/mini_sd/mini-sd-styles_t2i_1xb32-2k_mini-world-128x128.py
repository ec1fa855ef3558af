_base_ = './mini-sd_t2i_1xb32-5k_mini-world-128x128.py'
# `mini` learns styles: it goes on with pictures of which four in ten are by day.
# tools/pretrain_mini_styles.py writes the latents.
data_root = 'data/mini_styles_latents'
max_iters = 2000
# A style is decided while there is mostly noise, and only captions name it.
model = dict(
    vae=None,
    pretrained='mini',
    captions=dict(noun_share=0.05, class_share=0.15),
    mid_share=0.5,
    mid_range=(600, 1000),
    eager_attention=True,
)
train_dataloader = dict(dataset=dict(data_root=f'{data_root}/train'))
val_dataloader = dict(dataset=dict(data_root=f'{data_root}/val'))
test_dataloader = val_dataloader
# A third of the rate that `mini` began with.
optim_wrapper = dict(optimizer=dict(lr=5e-4))
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
train_cfg = dict(max_iters=max_iters)
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='TrainableEMAHook', momentum=0.01),
    dict(
        type='CaptionGridHook',
        captions=[
            pattern.format(caption)
            for pattern in (
                '{}',
                'a dark night photo of {}',
                'a foggy photo of {}',
                'a watercolor painting of {}',
                'a comic style painting of {}',
                'a sketch of {}',
            )
            for caption in (
                'a tree and a house on the grass under a sky',
                'a red car on the grass under a cloudy sky',
                'a green chair on the wooden floor in front of a plain wall',
                'two boxes on the floor in front of a brick wall',
            )
        ],
        columns=4,
    ),
]
