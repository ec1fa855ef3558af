_base_ = [
    '../_base_/models/tadp_sd15_smp_fpn.py',
    '../_base_/datasets/voc12aug_captions.py',
    '../_base_/schedules/tadp_voc_15e.py',
    '../_base_/epoch_runtime.py',
]
# TADP-40.
train_dataloader = dict(batch_size=2)
