_base_ = [
    '../_base_/models/tadp_sd15_fpn.py',
    '../_base_/datasets/ade20k_captions.py',
    '../_base_/schedules/tadp_80k.py',
    '../_base_/default_runtime.py',
]
# TADP-40.
train_dataloader = dict(batch_size=8)
