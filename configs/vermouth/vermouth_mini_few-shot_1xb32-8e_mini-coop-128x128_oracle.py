_base_ = [
    '../_base_/models/vermouth_few_shot_mini.py',
    '../_base_/datasets/mini_coop_oracle.py',
    '../_base_/schedules/vermouth_mini_8e.py',
    '../_base_/mini_classification_runtime.py',
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
