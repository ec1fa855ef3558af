_base_ = [
    '../_base_/models/genpercept_sd21_depth.py',
    '../_base_/datasets/zero_shot_depth.py',
    '../_base_/schedules/genpercept_30k.py',
    '../_base_/default_runtime.py',
]
train_dataloader = dict(batch_size=8)
