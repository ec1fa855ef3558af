dataset_type = 'ReferringSegmentationDataset'
data_root = 'data/refer'
crop_size = (512, 512)
meta_keys = ('img_path', 'ori_shape', 'img_shape', 'scale_factor', 'expression')
# The whole picture is squashed; no flip, which would turn left into right. PIL's
# interpolation, as released: unlike OpenCV's it is smooth where it shrinks a picture.
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='DrawExpression'),
    dict(type='LoadReferringMask'),
    dict(type='Resize', scale=crop_size, keep_ratio=False, backend='pillow'),
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=crop_size, keep_ratio=False, backend='pillow'),
    # After Resize: the ground truth keeps its size.
    dict(type='LoadReferringMask'),
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
train_dataloader = dict(
    batch_size=8,
    num_workers=4,
    # Workers that start anew are seeded anew: a run that resumes at an epoch then draws
    # the same sentences as one that was never stopped.
    persistent_workers=False,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        dataset='refcoco',
        split_by='unc',
        split='train',
        data_prefix=dict(img_path='train2014'),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        dataset='refcoco',
        split_by='unc',
        split='val',
        data_prefix=dict(img_path='train2014'),
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
# Published figures are those of the network's frame.
val_evaluator = dict(type='ReferringIoUMetric', frames=('network', 'original'))
test_evaluator = val_evaluator
