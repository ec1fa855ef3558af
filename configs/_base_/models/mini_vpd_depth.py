_base_ = './mini.py'
# Sizes of VPD for depth. Windows of 96 stand on a canvas of 128: the head drops the
# last row and column of a 4x4 map.
mini_vpd_depth = dict(
    data_preprocessor=dict(size=(96, 96)),
    backbone=_base_.mini_backbone,
    decode_head=dict(
        in_channels=_base_.mini_channels,
        embed_dim=24,
        feature_dim=192,
        num_deconv_filters=(16, 16, 16),
    ),
    test_cfg=dict(crop_size=(96, 96), stride=(32, 32)),
)
