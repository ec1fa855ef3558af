_base_ = [
    '../_base_/models/tadp_fpn_mini.py',
    '../_base_/datasets/mini_ade20k_oracle.py',
    '../_base_/schedules/tadp_mini_400.py',
    '../_base_/mini_runtime.py',
]
# Oracle: the names of the classes of the annotation, at test, too.
model = dict(data_preprocessor=dict(text_key='oracle_caption', oracle=True))
