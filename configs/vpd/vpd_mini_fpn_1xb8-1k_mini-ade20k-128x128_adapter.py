_base_ = './vpd_mini_fpn_1xb8-1k_mini-ade20k-128x128.py'
model = dict(
    backbone=dict(attention=None),
    neck=dict(in_channels=[32, 64, 128, 128]),
)
