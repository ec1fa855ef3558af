_base_ = './mini_queries.py'
kind = 'mmdet.ConcatDataset'
train_dataloader = dict(dataset=dict(type=kind, datasets=[_base_.depth_train]))
val_dataloader = dict(
    dataset=dict(
        type=kind, datasets=[dict(_base_.depth_test, indices=_base_.depth_val)]
    )
)
test_dataloader = dict(dataset=dict(type=kind, datasets=[_base_.depth_test]))
val_evaluator = dict(type='TaskEvaluator', metrics=dict(depth=_base_.depth_metric))
test_evaluator = val_evaluator
