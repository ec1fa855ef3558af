_base_ = [
    './meta-prompts_mini_upernet_1xb8-400_mini-ade20k-128x128_no-rearrangement.py',
    '../_base_/prompts.py',
]
# Table 5a: a caption of every picture, all of its tokens.
# The paper says no more. Text guides no rearrangement here: compare with Table 5d.
# The captions are those of `mini-captioner`.
captions = dict(
    type='LoadCaption',
    ann_file='data/mini_captions/ade20k.json',
)
pack = dict(type='PackSegInputs', meta_keys=(*_base_.meta_keys, 'caption'))
train_pipeline = [*_base_.train_pipeline[:-1], captions, pack]
test_pipeline = [*_base_.test_pipeline[:-1], captions, pack]
tta_pipeline = [_base_.tta_pipeline[0], captions, _base_.tta_pipeline[1]]
tta_pipeline[2]['transforms'][-1] = [pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
model = dict(
    data_preprocessor=dict(type='TextSegDataPreProcessor', text_key='caption'),
    backbone=dict(prompt=dict(_delete_=True, **_base_.caption_prompt)),
)
