_base_ = [
    '../_base_/models/genpercept_depth_mini.py',
    '../_base_/datasets/mini_marigold_depth.py',
    '../_base_/schedules/mini_marigold_300.py',
    '../_base_/mini_generative_runtime.py',
]
