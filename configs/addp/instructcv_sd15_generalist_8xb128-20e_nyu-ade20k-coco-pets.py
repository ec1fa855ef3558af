_base_ = [
    '../_base_/models/instructcv_sd15.py',
    '../_base_/datasets/generalist_pets.py',
    '../_base_/instructcv_runtime.py',
    '../_base_/schedules/instructcv_20e.py',
]
model = dict(
    tasks=[
        *_base_.model.tasks,
        dict(_base_.breed_queries, classes=_base_.pets_classes),
        _base_.head_queries,
    ],
)
