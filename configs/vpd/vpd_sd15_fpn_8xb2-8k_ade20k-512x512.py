_base_ = [
    '../_base_/models/vpd_sd15_fpn.py',
    '../_base_/datasets/ade20k.py',
    '../_base_/schedules/vpd_8k.py',
    '../_base_/default_runtime.py',
]
