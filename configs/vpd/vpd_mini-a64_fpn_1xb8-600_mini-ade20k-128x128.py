_base_ = './vpd_mini_fpn_1xb8-600_mini-ade20k-128x128.py'
# Attention maps of stride 8 as well.
model = dict(
    backbone=dict(attention=dict(max_size=64)),
    neck=dict(in_channels=[32 + 16, 64 + 16, 128 + 16, 128]),
)
