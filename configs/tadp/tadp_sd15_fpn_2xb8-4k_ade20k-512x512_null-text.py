_base_ = [
    '../_base_/models/vpd_sd15_fpn.py',
    '../_base_/datasets/ade20k.py',
    '../_base_/schedules/tadp_4k.py',
    '../_base_/default_runtime.py',
]
# VPD (null text), its first row of Table 5: no adapter, no attention maps.
model = dict(
    backbone=dict(prompt=dict(_delete_=True, type='NullPrompt'), attention=None),
    neck=dict(in_channels=_base_.channels),
)
train_dataloader = dict(batch_size=8)
