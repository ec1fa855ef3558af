_base_ = [
    '../_base_/models/meta_prompts_depth_kitti_mini.py',
    '../_base_/datasets/mini_kitti.py',
    '../_base_/schedules/mini_depth_1e.py',
    '../_base_/mini_epoch_runtime.py',
]
