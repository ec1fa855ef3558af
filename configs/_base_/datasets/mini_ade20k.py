_base_ = ['./ade20k.py', '../mini_classes.py']
crop_size = (128, 128)
scale = (512, 128)
# Whole scenes: other scales and colors would need a longer schedule.
train_pipeline = [_base_.train_pipeline[index] for index in (0, 1, 4, 6)]
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = scale
tta_pipeline = _base_.tta_pipeline
tta_pipeline[1].transforms[0] = [
    dict(type='Resize', scale=(int(512 * r), int(128 * r)), keep_ratio=True)
    for r in _base_.tta_ratios
]
dataset = dict(data_root='data/mini_ade20k', metainfo=dict(classes=_base_.classes))
train_dataloader = dict(
    batch_size=8, num_workers=2, dataset=dict(**dataset, pipeline=train_pipeline)
)
val_dataloader = dict(
    batch_size=8, num_workers=2, dataset=dict(**dataset, pipeline=test_pipeline)
)
test_dataloader = val_dataloader
