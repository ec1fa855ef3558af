_base_ = './vpd_mini_fpn_1xb8-600_mini-ade20k-128x128.py'
# Table 5, third row: class names and adapter, no attention maps.
model = dict(backbone=dict(attention=None), neck=dict(in_channels=_base_.channels))
