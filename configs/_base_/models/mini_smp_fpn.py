_base_ = './mini.py'
# Sizes of the decoder of VOC.
mini_smp_fpn = dict(
    data_preprocessor=dict(size=(128, 128)),
    backbone=_base_.mini_backbone,
    neck=dict(out_channels=64),
    decode_head=dict(
        in_channels=[64, 64, 64, 64],
        channels=64,
        num_classes=7,
        norm_cfg=dict(num_groups=16),
    ),
)
