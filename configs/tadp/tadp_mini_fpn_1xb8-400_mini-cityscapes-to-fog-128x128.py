_base_ = [
    '../_base_/models/tadp_fpn_cityscapes_mini.py',
    '../_base_/datasets/mini_cityscapes_to_fog.py',
    '../_base_/schedules/mini_400.py',
    '../_base_/mini_runtime.py',
]
