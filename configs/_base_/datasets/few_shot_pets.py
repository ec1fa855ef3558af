_base_ = './few_shot.py'
# Oxford Pets. Sentences of CLIP.
num_classes = 37
split_file = 'data/oxford_pets/split_zhou_OxfordPets.json'
template = 'a photo of a {}, a type of pet.'
train_pipeline = _base_.train_pipeline
train_pipeline[4].ann_file = 'data/oxford_pets/captions.json'
test_pipeline = _base_.test_pipeline
test_pipeline[3].ann_file = 'data/oxford_pets/captions.json'
dataset = dict(
    data_root='data/oxford_pets',
    ann_file='split_zhou_OxfordPets.json',
    data_prefix=dict(img_path='images'),
    num_classes=num_classes,
)
train_dataloader = dict(dataset=dict(**dataset, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
