_base_ = [
    '../_base_/models/textual_inversion_sd15.py',
    '../_base_/models/mini_personalization.py',
    '../_base_/datasets/mini_watercolor_pictures.py',
    '../_base_/schedules/mini_textual_inversion.py',
    '../_base_/personalization_runtime.py',
]
word = '<watercolor>'
# Not the name of the style: `mini-styles` knows it.
model = dict(**_base_.mini_prior, word=word, initializer='photo')
train_dataloader = dict(batch_size=4, dataset=dict(word=word, flip_prob=0.5))
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='WriteResultHook', folder='pretrained/mini_textual_inversion/watercolor'),
]
