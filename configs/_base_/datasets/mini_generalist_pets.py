_base_ = ['./mini_generalist.py', './mini_query_pets.py']
# Pets beside the three data sets of the generalist.
train_dataloader = dict(
    sampler=dict(source_ratio=[2, 2, 2, 1, 1]),
    dataset=dict(
        datasets=[
            *_base_.train_dataloader.dataset.datasets,
            _base_.breeds_train,
            _base_.heads_train,
        ],
    ),
)
val_dataloader = dict(
    dataset=dict(
        datasets=[
            *_base_.val_dataloader.dataset.datasets,
            dict(_base_.breeds_test, indices=_base_.breeds_val),
            dict(_base_.heads_test, indices=_base_.heads_val),
        ],
    )
)
test_dataloader = dict(
    dataset=dict(
        datasets=[
            *_base_.test_dataloader.dataset.datasets,
            _base_.breeds_test,
            _base_.heads_test,
        ],
    )
)
pets_evaluator = dict(
    tasks=(*_base_.val_evaluator.tasks, 'classification', 'pets'),
    metrics=dict(classification=_base_.breeds_metric, pets=_base_.heads_metric),
)
val_evaluator = pets_evaluator
test_evaluator = pets_evaluator
