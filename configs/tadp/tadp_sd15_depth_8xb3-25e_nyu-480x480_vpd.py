_base_ = [
    '../_base_/models/vpd_sd15_depth.py',
    '../_base_/datasets/nyu.py',
    '../_base_/schedules/vpd_depth_25e.py',
    '../_base_/epoch_runtime.py',
]
# VPD(R).
train_dataloader = dict(batch_size=3)
