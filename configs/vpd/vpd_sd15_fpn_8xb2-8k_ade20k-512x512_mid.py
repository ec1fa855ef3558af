_base_ = './vpd_sd15_fpn_8xb2-8k_ade20k-512x512.py'
# Table 5: attention maps of the middle block only, which have stride 64.
model = dict(
    backbone=dict(attention=dict(stages=('mid',))),
    neck=dict(in_channels=[320, 640, 1280, 1280 + 150]),
)
