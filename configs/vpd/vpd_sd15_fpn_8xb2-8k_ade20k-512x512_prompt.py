_base_ = './vpd_sd15_fpn_8xb2-8k_ade20k-512x512.py'
# Table 5, second row: class names, no adapter, no attention maps.
model = dict(
    backbone=dict(prompt=dict(adapter=None), attention=None),
    neck=dict(in_channels=_base_.channels),
)
