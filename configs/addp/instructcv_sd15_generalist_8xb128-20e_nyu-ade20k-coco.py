_base_ = [
    '../_base_/models/instructcv_sd15.py',
    '../_base_/datasets/generalist.py',
    '../_base_/instructcv_runtime.py',
    '../_base_/schedules/instructcv_20e.py',
]
