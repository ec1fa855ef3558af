_base_ = './mini_queries.py'
kind = 'mmdet.ConcatDataset'
train_dataloader = dict(dataset=dict(type=kind, datasets=[_base_.detection_train]))
val_dataloader = dict(
    dataset=dict(
        type=kind, datasets=[dict(_base_.detection_test, indices=_base_.detection_val)]
    )
)
test_dataloader = dict(dataset=dict(type=kind, datasets=[_base_.detection_test]))
val_evaluator = dict(
    type='TaskEvaluator', metrics=dict(detection=_base_.detection_val_metric)
)
test_evaluator = dict(
    type='TaskEvaluator', metrics=dict(detection=_base_.detection_metric)
)
