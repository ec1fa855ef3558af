_base_ = './few_shot.py'
# Flowers102. Sentences of CLIP.
num_classes = 102
split_file = 'data/oxford_flowers/split_zhou_OxfordFlowers.json'
template = 'a photo of a {}, a type of flower.'
train_pipeline = _base_.train_pipeline
train_pipeline[4].ann_file = 'data/oxford_flowers/captions.json'
test_pipeline = _base_.test_pipeline
test_pipeline[3].ann_file = 'data/oxford_flowers/captions.json'
dataset = dict(
    data_root='data/oxford_flowers',
    ann_file='split_zhou_OxfordFlowers.json',
    data_prefix=dict(img_path='jpg'),
    num_classes=num_classes,
)
train_dataloader = dict(dataset=dict(**dataset, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
