_base_ = './few_shot.py'
# Caltech101, without Faces_easy and the background: 100 classes. Sentences of CLIP.
num_classes = 100
split_file = 'data/caltech-101/split_zhou_Caltech101.json'
template = [
    sentence.format(article)
    for article in ('a', 'the')
    for sentence in (
        'a photo of {} {{}}.',
        'a painting of {} {{}}.',
        '{} plastic {{}}.',
        'a sculpture of {} {{}}.',
        'a sketch of {} {{}}.',
        'a tattoo of {} {{}}.',
        '{} toy {{}}.',
        'a rendition of {} {{}}.',
        '{} embroidered {{}}.',
        '{} cartoon {{}}.',
        '{} {{}} in a video game.',
        '{} plushie {{}}.',
        '{} origami {{}}.',
        'art of {} {{}}.',
        'graffiti of {} {{}}.',
        'a drawing of {} {{}}.',
        'a doodle of {} {{}}.',
    )
]
train_pipeline = _base_.train_pipeline
train_pipeline[4].ann_file = 'data/caltech-101/captions.json'
test_pipeline = _base_.test_pipeline
test_pipeline[3].ann_file = 'data/caltech-101/captions.json'
dataset = dict(
    data_root='data/caltech-101',
    ann_file='split_zhou_Caltech101.json',
    data_prefix=dict(img_path='101_ObjectCategories'),
    num_classes=num_classes,
)
train_dataloader = dict(dataset=dict(**dataset, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
