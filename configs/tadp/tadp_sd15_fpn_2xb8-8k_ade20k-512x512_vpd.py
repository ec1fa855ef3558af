_base_ = [
    '../_base_/models/vpd_sd15_fpn.py',
    '../_base_/datasets/ade20k.py',
    '../_base_/schedules/tadp_8k.py',
    '../_base_/default_runtime.py',
]
# VPD(R): VPD in the recipe of TADP.
train_dataloader = dict(batch_size=8)
