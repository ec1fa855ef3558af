_base_ = './cityscapes_to_dark_zurich.py'
# Whole scenes by day, and at night. Captions of `mini-captioner`.
crop_size = (128, 128)
root = 'data/mini_dark_zurich'
source_captions = dict(
    _base_.source_captions, ann_file='data/mini_captions/cityscapes.json'
)
target_captions = dict(
    _base_.target_captions, ann_file='data/mini_captions/dark_zurich.json'
)
train_pipeline = [_base_.train_pipeline[index] for index in (0, 1, 2, 4)]
train_pipeline[2].scale = (128, 128)
train_pipeline += [source_captions, _base_.domain, _base_.pack]
test_pipeline = [*_base_.test_steps, target_captions, _base_.domain, _base_.pack]
test_pipeline[1].scale = (256, 128)
train_dataloader = dict(
    batch_size=8,
    num_workers=2,
    dataset=dict(data_root='data/mini_cityscapes', pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=8,
    num_workers=2,
    dataset=dict(data_root=root, pipeline=test_pipeline),
)
test_dataloader = val_dataloader
