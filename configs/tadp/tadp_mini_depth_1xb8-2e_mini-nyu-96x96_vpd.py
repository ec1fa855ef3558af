_base_ = [
    '../_base_/models/vpd_depth_mini.py',
    '../_base_/datasets/mini_nyu.py',
    '../_base_/schedules/mini_depth_2e.py',
    '../_base_/mini_epoch_runtime.py',
]
# VPD(R). The latents of every mini are scaled.
