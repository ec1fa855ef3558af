_base_ = './epoch_loaders.py'
meta_keys = ('img_path', 'ori_shape', 'img_shape', 'scale_factor', 'expression')
# The whole picture is squashed; no flip, which would turn left into right. PIL's
# interpolation, as released: unlike OpenCV's it is smooth where it shrinks a picture.
resize = dict(type='Resize', scale=(512, 512), keep_ratio=False, backend='pillow')
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='DrawExpression'),
    dict(type='LoadReferringMask'),
    resize,
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    resize,
    # After Resize: the ground truth keeps its size.
    dict(type='LoadReferringMask'),
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
dataset = dict(
    type='ReferringSegmentationDataset',
    data_root='data/refer',
    dataset='refcoco',
    split_by='unc',
    data_prefix=dict(img_path='train2014'),
)
train_dataloader = dict(dataset=dict(**dataset, split='train', pipeline=train_pipeline))
val_dataloader = dict(
    dataset=dict(**dataset, split='val', test_mode=True, pipeline=test_pipeline)
)
test_dataloader = val_dataloader
# Published figures are those of the network's frame.
val_evaluator = dict(type='ReferringIoUMetric', frames=('network', 'original'))
test_evaluator = val_evaluator
