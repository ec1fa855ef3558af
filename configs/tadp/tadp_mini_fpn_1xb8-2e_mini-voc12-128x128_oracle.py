_base_ = [
    '../_base_/models/tadp_smp_fpn_mini.py',
    '../_base_/datasets/mini_voc12_oracle.py',
    '../_base_/schedules/tadp_mini_voc_2e.py',
    '../_base_/mini_epoch_runtime.py',
]
# Oracle: the names of the classes of the annotation, at test, too.
model = dict(data_preprocessor=dict(text_key='oracle_caption', oracle=True))
