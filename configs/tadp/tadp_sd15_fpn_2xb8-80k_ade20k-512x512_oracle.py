_base_ = [
    '../_base_/models/tadp_sd15_fpn.py',
    '../_base_/datasets/ade20k_oracle.py',
    '../_base_/schedules/tadp_80k.py',
    '../_base_/default_runtime.py',
]
# Oracle: the names of the classes of the annotation, at test, too.
train_dataloader = dict(batch_size=8)
model = dict(data_preprocessor=dict(text_key='oracle_caption', oracle=True))
