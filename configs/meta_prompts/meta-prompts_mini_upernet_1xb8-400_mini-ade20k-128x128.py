_base_ = [
    '../_base_/models/meta_prompts_upernet_mini.py',
    '../_base_/datasets/mini_ade20k.py',
    '../_base_/schedules/mini_400.py',
    '../_base_/mini_runtime.py',
]
