_base_ = [
    '../_base_/models/tadp_sd15_smp_fpn.py',
    '../_base_/datasets/voc12aug_oracle.py',
    '../_base_/schedules/tadp_voc_15e.py',
    '../_base_/epoch_runtime.py',
]
# Oracle: the names of the classes of the annotation, at test, too.
train_dataloader = dict(batch_size=2)
model = dict(data_preprocessor=dict(text_key='oracle_caption', oracle=True))
