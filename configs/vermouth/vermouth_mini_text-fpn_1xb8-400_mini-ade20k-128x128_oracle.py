_base_ = [
    '../_base_/models/vermouth_text_fpn_mini.py',
    '../_base_/datasets/mini_ade20k_vermouth_oracle.py',
    '../_base_/schedules/vermouth_mini_400.py',
    '../_base_/mini_open_vocabulary_runtime.py',
]
# As released, for reproduction only: the prompts name the classes of the annotation,
# also of the pictures that are tested. `oracle=True` says so, and the log.
model = dict(
    data_preprocessor=dict(text_key='oracle_caption', oracle=True),
    decode_head=dict(num_classes=16, classes=_base_.classes),
)
