_base_ = './epoch_loaders.py'
# What data sets of few-shot classification share: 16 pictures of each class to train
# on, all of CoOp's test part. The released code flips at test, too.
load = [
    dict(type='LoadImageFromFile'),
    # The shorter side.
    dict(type='Resize', scale=(100000, 256), keep_ratio=True, interpolation='bicubic'),
    dict(type='CenterCrop', crop_size=(256, 256)),
]
flip = dict(type='RandomFlip', prob=0.5)
captions = dict(type='LoadCaption', parts=2, only=True)
pack = dict(type='PackPicture', keys=('img_path', 'gt_label', 'caption'))
train_pipeline = [*load, flip, captions, pack]
test_pipeline = [*load, captions, pack]
# For models without a prompt.
plain_pack = dict(type='PackPicture', keys=('img_path', 'gt_label'))
plain_train_pipeline = [*load, flip, plain_pack]
plain_test_pipeline = [*load, plain_pack]
dataset = dict(type='ClassificationSplitDataset')
train_dataloader = dict(
    batch_size=64, drop_last=False, dataset=dict(**dataset, part='train', shots=16)
)
val_dataloader = dict(batch_size=64, dataset=dict(**dataset, part='test'))
test_dataloader = val_dataloader
val_evaluator = dict(type='TopOneAccuracy')
test_evaluator = val_evaluator
