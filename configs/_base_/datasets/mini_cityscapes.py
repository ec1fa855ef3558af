_base_ = './cityscapes.py'
# What Cityscapes has no class for is ignored. Whole scenes: other scales and colors
# would need a longer schedule.
crop_size = (128, 128)
train_pipeline = [_base_.train_pipeline[index] for index in (0, 1, 4, 6)]
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (256, 128)
tta_pipeline = _base_.tta_pipeline
tta_pipeline[1].transforms[0] = [
    dict(type='Resize', scale=(int(256 * r), int(128 * r)), keep_ratio=True)
    for r in _base_.tta_ratios
]
dataset = dict(data_root='data/mini_cityscapes')
train_dataloader = dict(
    batch_size=8, num_workers=2, dataset=dict(**dataset, pipeline=train_pipeline)
)
val_dataloader = dict(num_workers=2, dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
