_base_ = './dreambooth_mini_1xb4-200_mini-night-128x128.py'
model = dict(trainable=dict(type='lora', rank=4))
optim_wrapper = dict(optimizer=dict(lr=2e-3))
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='WriteResultHook', folder='pretrained/mini_dreambooth_lora/night'),
]
