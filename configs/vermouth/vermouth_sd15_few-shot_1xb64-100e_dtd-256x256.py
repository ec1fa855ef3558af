_base_ = [
    '../_base_/models/vermouth_sd15_few_shot.py',
    '../_base_/datasets/few_shot_dtd.py',
    '../_base_/schedules/vermouth_100e.py',
    '../_base_/classification_runtime.py',
]
model = dict(
    head=dict(
        num_classes=_base_.num_classes,
        class_file=_base_.split_file,
        template=_base_.template,
    )
)
