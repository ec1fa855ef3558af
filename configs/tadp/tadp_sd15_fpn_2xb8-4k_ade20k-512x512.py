_base_ = [
    '../_base_/models/tadp_sd15_fpn.py',
    '../_base_/datasets/ade20k_captions_min-20.py',
    '../_base_/schedules/tadp_4k.py',
    '../_base_/default_runtime.py',
]
# TADP-20.
train_dataloader = dict(batch_size=8)
