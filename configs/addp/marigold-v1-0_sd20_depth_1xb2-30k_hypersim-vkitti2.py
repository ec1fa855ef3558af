_base_ = [
    '../_base_/models/marigold_sd20_depth.py',
    '../_base_/datasets/zero_shot_depth.py',
    '../_base_/schedules/marigold_30k.py',
    '../_base_/default_runtime.py',
]
