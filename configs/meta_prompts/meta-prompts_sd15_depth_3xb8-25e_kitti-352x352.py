_base_ = [
    '../_base_/models/meta_prompts_sd15_depth_kitti.py',
    '../_base_/datasets/kitti.py',
    '../_base_/schedules/vpd_depth_25e.py',
    '../_base_/epoch_runtime.py',
]
