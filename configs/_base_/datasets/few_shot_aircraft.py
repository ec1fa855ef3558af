_base_ = './few_shot.py'
# FGVC Aircraft. Sentences of CLIP.
num_classes = 100
split_file = 'data/fgvc_aircraft/split_zhou_FGVCAircraft.json'
template = [
    f'a photo of {article} {{}}, a type of aircraft.' for article in ('a', 'the')
]
train_pipeline = _base_.train_pipeline
train_pipeline[4].ann_file = 'data/fgvc_aircraft/captions.json'
test_pipeline = _base_.test_pipeline
test_pipeline[3].ann_file = 'data/fgvc_aircraft/captions.json'
dataset = dict(
    data_root='data/fgvc_aircraft',
    ann_file='split_zhou_FGVCAircraft.json',
    data_prefix=dict(img_path='images'),
    num_classes=num_classes,
)
train_dataloader = dict(dataset=dict(**dataset, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
