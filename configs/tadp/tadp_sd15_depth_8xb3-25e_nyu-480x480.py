_base_ = [
    '../_base_/models/tadp_sd15_depth.py',
    '../_base_/datasets/nyu_captions.py',
    '../_base_/schedules/vpd_depth_25e.py',
    '../_base_/epoch_runtime.py',
]
# TADP-40.
train_dataloader = dict(batch_size=3)
