_base_ = './few_shot.py'
# UCF101, a frame of each video. Sentences of CLIP.
num_classes = 101
split_file = 'data/ucf101/split_zhou_UCF101.json'
template = [
    f'{medium} of {article} person {verb}{{}}.'
    for verb in ('', 'using ', 'doing ', 'during ', 'performing ', 'practicing ')
    for article in ('a', 'the')
    for medium in ('a photo', 'a video', 'a example', 'a demonstration')
]
train_pipeline = _base_.train_pipeline
train_pipeline[4].ann_file = 'data/ucf101/captions.json'
test_pipeline = _base_.test_pipeline
test_pipeline[3].ann_file = 'data/ucf101/captions.json'
dataset = dict(
    data_root='data/ucf101',
    ann_file='split_zhou_UCF101.json',
    data_prefix=dict(img_path='UCF-101-midframes'),
    num_classes=num_classes,
)
train_dataloader = dict(dataset=dict(**dataset, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
