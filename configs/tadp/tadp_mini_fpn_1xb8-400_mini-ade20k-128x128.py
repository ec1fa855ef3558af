_base_ = [
    '../_base_/models/tadp_fpn_mini.py',
    '../_base_/datasets/mini_ade20k_captions.py',
    '../_base_/schedules/tadp_mini_400.py',
    '../_base_/mini_runtime.py',
]
