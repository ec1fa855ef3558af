_base_ = './tadp_sd15_fpn_1xb2-15e_voc12aug-512x512.py'
# TADP-0.
captions = dict(
    _base_.captions,
    ann_file='data/VOCdevkit/captions/pascal_captions_min=0_max=77.json',
)
train_pipeline = [*_base_.train_pipeline[:-2], captions, _base_.pack]
test_pipeline = [*_base_.test_pipeline[:-2], captions, _base_.pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
