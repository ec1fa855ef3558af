_base_ = './few_shot.py'
# DTD. Sentences of CLIP.
num_classes = 47
split_file = 'data/dtd/split_zhou_DescribableTextures.json'
template = [
    f'a photo of {article} {{}} {noun}.'
    for article in ('a', 'the')
    for noun in ('texture', 'pattern', 'thing', 'object')
]
train_pipeline = _base_.train_pipeline
train_pipeline[4].ann_file = 'data/dtd/captions.json'
test_pipeline = _base_.test_pipeline
test_pipeline[3].ann_file = 'data/dtd/captions.json'
dataset = dict(
    data_root='data/dtd',
    ann_file='split_zhou_DescribableTextures.json',
    data_prefix=dict(img_path='images'),
    num_classes=num_classes,
)
train_dataloader = dict(dataset=dict(**dataset, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
