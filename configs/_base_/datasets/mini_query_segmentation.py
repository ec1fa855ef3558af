_base_ = './mini_queries.py'
kind = 'mmdet.ConcatDataset'
train_dataloader = dict(dataset=dict(type=kind, datasets=[_base_.segmentation_train]))
val_dataloader = dict(
    dataset=dict(
        type=kind,
        datasets=[dict(_base_.segmentation_test, indices=_base_.segmentation_val)],
    )
)
test_dataloader = dict(dataset=dict(type=kind, datasets=[_base_.segmentation_test]))
val_evaluator = dict(
    type='TaskEvaluator', metrics=dict(segmentation=_base_.segmentation_metric)
)
test_evaluator = val_evaluator
