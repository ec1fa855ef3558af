_base_ = [
    '../_base_/models/vermouth_few_shot_mini.py',
    '../_base_/datasets/mini_coop.py',
    '../_base_/schedules/vermouth_mini_8e.py',
    '../_base_/mini_classification_runtime.py',
]
model = dict(
    head=dict(
        num_classes=_base_.num_classes,
        class_file=_base_.split_file,
        template=_base_.template,
    )
)
