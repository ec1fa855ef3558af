_base_ = './few_shot.py'
# SUN397. Sentences of CLIP.
num_classes = 397
split_file = 'data/sun397/split_zhou_SUN397.json'
template = ['a photo of a {}.', 'a photo of the {}.']
train_pipeline = _base_.train_pipeline
train_pipeline[4].ann_file = 'data/sun397/captions.json'
test_pipeline = _base_.test_pipeline
test_pipeline[3].ann_file = 'data/sun397/captions.json'
dataset = dict(
    data_root='data/sun397',
    ann_file='split_zhou_SUN397.json',
    data_prefix=dict(img_path='SUN397'),
    num_classes=num_classes,
)
train_dataloader = dict(dataset=dict(**dataset, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
