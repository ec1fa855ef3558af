_base_ = './vpd_sd15_fpn.py'
# Attention maps of stride 8 as well.
num_classes = 150
model = dict(
    backbone=dict(attention=dict(max_size=64)),
    neck=dict(
        in_channels=[320 + num_classes, 640 + num_classes, 1280 + num_classes, 1280]
    ),
)
