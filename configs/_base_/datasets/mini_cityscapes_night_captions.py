_base_ = './cityscapes_night_captions.py'
# Whole scenes by day. Captions of `mini-captioner`.
crop_size = (128, 128)
source_captions = dict(
    _base_.source_captions, ann_file='data/mini_captions/cityscapes.json'
)
train_pipeline = [_base_.train_pipeline[index] for index in (0, 1, 2, 4)]
train_pipeline[2].scale = (128, 128)
train_pipeline += [source_captions, _base_.domain, _base_.pack]
train_dataloader = dict(
    batch_size=8,
    num_workers=2,
    dataset=dict(data_root='data/mini_cityscapes', pipeline=train_pipeline),
)
test_steps = _base_.test_steps
test_steps[1].scale = (256, 128)
val_dataloader = dict(batch_size=8, num_workers=2)
test_dataloader = val_dataloader
