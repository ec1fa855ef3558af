_base_ = ['./loaders.py', './shape_keys.py']
# What data sets of semantic segmentation share.
meta_keys = ('img_path', 'seg_map_path', *_base_.shape_keys)
train_dataloader = dict(
    batch_size=2, sampler=dict(type='InfiniteSampler', shuffle=True)
)
tta_flips = [
    dict(type='RandomFlip', prob=0.0, direction='horizontal'),
    dict(type='RandomFlip', prob=1.0, direction='horizontal'),
]
val_evaluator = dict(type='IoUMetric', iou_metrics=['mIoU'])
test_evaluator = val_evaluator
