_base_ = [
    '../_base_/models/textual_inversion_sd15.py',
    '../_base_/datasets/dark_zurich_pictures.py',
    '../_base_/schedules/textual_inversion_3k.py',
    '../_base_/personalization_runtime.py',
]
word = '<night>'
model = dict(word=word, initializer='photo')
train_dataloader = dict(
    batch_size=4,
    dataset=dict(word=word, num_pictures=500, flip_prob=0.5),
)
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='WriteResultHook', folder='pretrained/textual_inversion/night'),
]
