_base_ = './ade20k_captions.py'
# ADE20K with captions of at least 20 of BLIP-2's tokens.
captions = dict(
    _base_.captions, ann_file=f'{_base_.folder}/ade20k_captions_min=20_max=77.json'
)
train_pipeline = [*_base_.train_pipeline[:-2], captions, _base_.pack]
test_pipeline = [*_base_.test_pipeline[:-2], captions, _base_.pack]
tta_pipeline = [_base_.tta_pipeline[0], captions, _base_.tta_pipeline[2]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
