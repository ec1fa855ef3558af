_base_ = [
    '../_base_/models/instructcv_mini.py',
    '../_base_/datasets/mini_generalist_pets.py',
    '../_base_/schedules/mini_instructcv_600.py',
    '../_base_/mini_generative_runtime.py',
]
model = dict(
    tasks=[
        _base_.depth_queries,
        dict(_base_.segmentation_queries, classes=_base_.classes),
        dict(_base_.detection_queries, classes=_base_.coco_classes),
        dict(_base_.breed_queries, classes=_base_.thing_classes),
        dict(_base_.head_queries, classes=_base_.head_classes),
    ],
)
