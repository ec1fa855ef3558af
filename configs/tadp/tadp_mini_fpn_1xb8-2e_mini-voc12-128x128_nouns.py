_base_ = './tadp_mini_fpn_1xb8-2e_mini-voc12-128x128.py'
# NO: the nouns of the captions.
captions = _base_.captions
nouns = dict(type='KeepNouns', tagger='mini')
train_pipeline = [*_base_.train_pipeline[:-2], captions, nouns, _base_.pack]
test_pipeline = [*_base_.test_pipeline[:-2], captions, nouns, _base_.pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
