_base_ = [
    '../_base_/models/e2e_ft_sd20_depth.py',
    '../_base_/datasets/zero_shot_depth.py',
    '../_base_/schedules/e2e_ft_20k.py',
    '../_base_/default_runtime.py',
]
