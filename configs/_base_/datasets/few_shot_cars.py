_base_ = './few_shot.py'
# Stanford Cars. Sentences of CLIP.
num_classes = 196
split_file = 'data/stanford_cars/split_zhou_StanfordCars.json'
template = [
    *(f'a photo of {article} {{}}.' for article in ('a', 'the', 'my')),
    'i love my {}!',
    *(f'a photo of my {state} {{}}.' for state in ('dirty', 'clean', 'new', 'old')),
]
train_pipeline = _base_.train_pipeline
train_pipeline[4].ann_file = 'data/stanford_cars/captions.json'
test_pipeline = _base_.test_pipeline
test_pipeline[3].ann_file = 'data/stanford_cars/captions.json'
dataset = dict(
    data_root='data/stanford_cars',
    ann_file='split_zhou_StanfordCars.json',
    data_prefix=dict(img_path=''),
    num_classes=num_classes,
)
train_dataloader = dict(dataset=dict(**dataset, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
