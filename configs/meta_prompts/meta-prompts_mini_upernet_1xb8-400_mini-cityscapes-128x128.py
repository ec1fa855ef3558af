_base_ = [
    '../_base_/models/meta_prompts_upernet_cityscapes_mini.py',
    '../_base_/datasets/mini_cityscapes.py',
    '../_base_/schedules/mini_400.py',
    '../_base_/mini_runtime.py',
]
