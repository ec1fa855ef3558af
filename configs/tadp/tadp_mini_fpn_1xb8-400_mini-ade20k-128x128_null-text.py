_base_ = [
    '../_base_/models/vpd_fpn_mini.py',
    '../_base_/datasets/mini_ade20k.py',
    '../_base_/schedules/tadp_mini_400.py',
    '../_base_/mini_runtime.py',
]
# VPD (null text), its first row of Table 5: no adapter, no attention maps.
model = dict(
    backbone=dict(prompt=dict(_delete_=True, type='NullPrompt'), attention=None),
    neck=dict(in_channels=_base_.channels),
)
