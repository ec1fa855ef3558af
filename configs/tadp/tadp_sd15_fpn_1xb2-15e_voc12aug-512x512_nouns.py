_base_ = './tadp_sd15_fpn_1xb2-15e_voc12aug-512x512.py'
# NO-20: the nouns of the captions. (The released file has nouns of those of at least
# 40 tokens.)
captions = dict(
    _base_.captions,
    ann_file='data/VOCdevkit/captions/pascal_captions_min=20_max=77.json',
)
nouns = dict(type='KeepNouns', tagger='nltk')
train_pipeline = [*_base_.train_pipeline[:-2], captions, nouns, _base_.pack]
test_pipeline = [*_base_.test_pipeline[:-2], captions, nouns, _base_.pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
