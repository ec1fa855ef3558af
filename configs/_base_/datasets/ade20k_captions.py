_base_ = './ade20k.py'
# ADE20K with captions of at least 40 of BLIP-2's tokens, one for every picture.
folder = 'data/ade/ADEChallengeData2016/captions'
captions = dict(
    type='LoadCaption',
    ann_file=f'{folder}/ade20k_captions_min=40_max=77.json',
    only=True,
)
pack = dict(type='PackSegInputs', meta_keys=(*_base_.meta_keys, 'caption'))
train_pipeline = [*_base_.train_pipeline[:-1], captions, pack]
test_pipeline = [*_base_.test_pipeline[:-1], captions, pack]
tta_pipeline = [_base_.tta_pipeline[0], captions, _base_.tta_pipeline[1]]
tta_pipeline[2]['transforms'][-1] = [pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
