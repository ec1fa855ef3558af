_base_ = [
    '../_base_/models/vpd_smp_fpn_mini.py',
    '../_base_/datasets/mini_voc12.py',
    '../_base_/schedules/tadp_mini_voc_2e.py',
    '../_base_/mini_epoch_runtime.py',
]
# VPD(R). The latents of every mini are scaled.
model = dict(backbone=dict(prompt=dict(classes=_base_.mini_voc_names)))
