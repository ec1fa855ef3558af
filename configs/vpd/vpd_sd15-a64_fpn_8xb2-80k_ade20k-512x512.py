_base_ = './vpd_sd15_fpn_8xb2-80k_ade20k-512x512.py'
# Attention maps of stride 8 as well.
model = dict(
    backbone=dict(attention=dict(max_size=64)),
    neck=dict(in_channels=[320 + 150, 640 + 150, 1280 + 150, 1280]),
)
