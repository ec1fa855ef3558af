_base_ = './few_shot.py'
# EuroSAT. Sentences of CLIP.
num_classes = 10
split_file = 'data/eurosat/split_zhou_EuroSAT.json'
template = [
    f'a centered satellite photo of {article}{{}}.' for article in ('', 'a ', 'the ')
]
train_pipeline = _base_.train_pipeline
train_pipeline[4].ann_file = 'data/eurosat/captions.json'
test_pipeline = _base_.test_pipeline
test_pipeline[3].ann_file = 'data/eurosat/captions.json'
dataset = dict(
    data_root='data/eurosat',
    ann_file='split_zhou_EuroSAT.json',
    data_prefix=dict(img_path='2750'),
    num_classes=num_classes,
)
train_dataloader = dict(dataset=dict(**dataset, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
