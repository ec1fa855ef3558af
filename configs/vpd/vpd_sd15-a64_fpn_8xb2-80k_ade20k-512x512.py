_base_ = [
    '../_base_/models/vpd_sd15_fpn_a64.py',
    '../_base_/datasets/ade20k.py',
    '../_base_/schedules/vpd_80k.py',
    '../_base_/default_runtime.py',
]
