_base_ = [
    '../_base_/models/dream_booth_sd15.py',
    '../_base_/models/mini_personalization.py',
    '../_base_/datasets/mini_night_pictures.py',
    '../_base_/schedules/mini_dream_booth.py',
    '../_base_/personalization_runtime.py',
]
model = _base_.mini_prior
train_dataloader = dict(batch_size=4, dataset=dict(captions=['an image in sks style']))
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='WriteResultHook', folder='pretrained/mini_dreambooth/night'),
]
