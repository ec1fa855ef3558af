_base_ = './few_shot.py'
# Food-101. Sentences of CLIP.
num_classes = 101
split_file = 'data/food-101/split_zhou_Food101.json'
template = 'a photo of {}, a type of food.'
train_pipeline = _base_.train_pipeline
train_pipeline[4].ann_file = 'data/food-101/captions.json'
test_pipeline = _base_.test_pipeline
test_pipeline[3].ann_file = 'data/food-101/captions.json'
dataset = dict(
    data_root='data/food-101',
    ann_file='split_zhou_Food101.json',
    data_prefix=dict(img_path='images'),
    num_classes=num_classes,
)
train_dataloader = dict(dataset=dict(**dataset, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
