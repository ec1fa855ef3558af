_base_ = './mini-sd_t2i_1xb32-5k_mini-world-128x128.py'
# `mini` learns styles: it goes on with pictures of which four in ten are by day.
# tools/pretrain_mini_styles.py writes the latents.
data_root = 'data/mini_styles_latents'
# A style is decided while there is mostly noise, and only captions name it.
model = dict(
    vae=None,
    pretrained='mini',
    captions=dict(noun_share=0.05, class_share=0.15),
    mid_share=0.5,
    mid_range=(600, 1000),
)
train_dataloader = dict(dataset=dict(data_root=f'{data_root}/train'))
val_dataloader = dict(dataset=dict(data_root=f'{data_root}/val'))
test_dataloader = val_dataloader
# A third of the rate that `mini` began with.
optim_wrapper = dict(optimizer=dict(lr=5e-4))
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], end=2000),
]
train_cfg = dict(max_iters=2000)
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='TrainableEMAHook', momentum=0.01),
    dict(type='CaptionGridHook', captions=_base_.style_captions, columns=4),
]
