_base_ = [
    '../_base_/models/dream_booth_sd15.py',
    '../_base_/datasets/comic2k_pictures.py',
    '../_base_/schedules/dream_booth_1k.py',
    '../_base_/personalization_runtime.py',
]
train_dataloader = dict(
    dataset=dict(captions=['an image in sks style'], num_pictures=10)
)
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='WriteResultHook', folder='pretrained/dreambooth/comic'),
]
