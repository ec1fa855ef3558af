_base_ = [
    '../_base_/models/vermouth_sd15_few_shot.py',
    '../_base_/datasets/few_shot_imagenet_oracle.py',
    '../_base_/schedules/vermouth_10e.py',
    '../_base_/classification_runtime.py',
]
# As released, for reproduction only: the prompts name the classes of the annotation,
# also of the pictures that are tested. `oracle=True` says so, and the log.
model = dict(
    data_preprocessor=dict(text_key='oracle_caption', oracle=True),
    head=dict(
        num_classes=_base_.num_classes,
        class_file=_base_.split_file,
        template=_base_.template,
    ),
)
