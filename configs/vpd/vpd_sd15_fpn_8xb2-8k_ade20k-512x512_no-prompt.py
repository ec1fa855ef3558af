_base_ = './vpd_sd15_fpn_8xb2-8k_ade20k-512x512.py'
# Table 5, first row: the empty string, no adapter, no attention maps.
model = dict(
    backbone=dict(prompt=dict(_delete_=True, type='NullPrompt'), attention=None),
    neck=dict(in_channels=_base_.channels),
)
