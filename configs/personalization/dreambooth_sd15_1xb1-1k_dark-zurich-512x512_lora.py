_base_ = './dreambooth_sd15_1xb1-1k_dark-zurich-512x512.py'
# Diffusers' defaults for low-rank adapters.
model = dict(trainable=dict(type='lora', rank=4))
optim_wrapper = dict(optimizer=dict(lr=1e-4))
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='WriteResultHook', folder='pretrained/dreambooth_lora/night'),
]
