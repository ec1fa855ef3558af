_base_ = './few_shot.py'
# ImageNet. Sentences of CLIP.
num_classes = 1000
split_file = 'data/imagenet/split_zhou_ImageNet.json'
template = 'imagenet'
train_pipeline = _base_.train_pipeline
train_pipeline[4].ann_file = 'data/imagenet/captions.json'
test_pipeline = _base_.test_pipeline
test_pipeline[3].ann_file = 'data/imagenet/captions.json'
dataset = dict(
    data_root='data/imagenet',
    ann_file='split_zhou_ImageNet.json',
    data_prefix=dict(img_path='images'),
    num_classes=num_classes,
)
train_dataloader = dict(dataset=dict(**dataset, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
