_base_ = [
    '../_base_/models/vpd_fpn_mini.py',
    '../_base_/datasets/mini_ade20k.py',
    '../_base_/schedules/tadp_mini_400.py',
    '../_base_/mini_runtime.py',
]
# VPD(R). The latents of every mini are scaled.
model = dict(backbone=dict(prompt=dict(dataset=None, classes=_base_.classes)))
