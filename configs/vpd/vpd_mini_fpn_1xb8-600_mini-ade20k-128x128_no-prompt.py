_base_ = './vpd_mini_fpn_1xb8-600_mini-ade20k-128x128.py'
# Table 5, first row: the empty string, no adapter, no attention maps.
model = dict(
    backbone=dict(prompt=dict(_delete_=True, type='NullPrompt'), attention=None),
    neck=dict(in_channels=_base_.channels),
)
