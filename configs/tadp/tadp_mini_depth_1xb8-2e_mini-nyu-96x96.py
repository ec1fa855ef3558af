_base_ = [
    '../_base_/models/tadp_depth_mini.py',
    '../_base_/datasets/mini_nyu_captions.py',
    '../_base_/schedules/mini_depth_2e.py',
    '../_base_/mini_epoch_runtime.py',
]
