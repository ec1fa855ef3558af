_base_ = './mini_queries.py'
# Three data sets, a third of every batch each (ours; released: a list of all pairs of a
# picture and a class).
train_dataloader = dict(
    sampler=dict(
        _delete_=True,
        type='mmdet.MultiSourceSampler',
        batch_size=_base_.train_dataloader.batch_size,
        source_ratio=[1, 1, 1],
    ),
    dataset=dict(
        _base_.together,
        datasets=[
            _base_.depth_train,
            _base_.segmentation_train,
            _base_.detection_train,
        ],
    ),
)
val_dataloader = dict(
    dataset=dict(
        _base_.together,
        datasets=[
            dict(_base_.depth_test, indices=_base_.depth_val),
            dict(_base_.segmentation_test, indices=_base_.segmentation_val),
            dict(_base_.detection_test, indices=_base_.detection_val),
        ],
    )
)
test_dataloader = dict(
    dataset=dict(
        _base_.together,
        datasets=[_base_.depth_test, _base_.segmentation_test, _base_.detection_test],
    )
)
val_evaluator = dict(
    type='TaskEvaluator',
    tasks=('depth', 'segmentation', 'detection'),
    metrics=dict(
        depth=_base_.depth_metric,
        segmentation=_base_.segmentation_metric,
        detection=_base_.detection_val_metric,
    ),
)
test_evaluator = dict(
    type='TaskEvaluator',
    tasks=('depth', 'segmentation', 'detection'),
    metrics=dict(
        depth=_base_.depth_metric,
        segmentation=_base_.segmentation_metric,
        detection=_base_.detection_metric,
    ),
)
