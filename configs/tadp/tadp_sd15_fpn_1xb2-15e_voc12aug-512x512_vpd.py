_base_ = [
    '../_base_/models/vpd_sd15_smp_fpn.py',
    '../_base_/datasets/voc12aug.py',
    '../_base_/schedules/tadp_voc_15e.py',
    '../_base_/epoch_runtime.py',
]
# VPD(R).
train_dataloader = dict(batch_size=2)
