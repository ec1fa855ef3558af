_base_ = ['./tadp_sd15_fpn.py', './mini.py']
channels = _base_.mini_channels
num_classes = 16
norm_cfg = dict(_delete_=True, **_base_.group_norm)
model = dict(
    data_preprocessor=dict(size=(128, 128)),
    backbone=_base_.mini_backbone,
    neck=dict(
        in_channels=[32, 64 + _base_.num_tokens, 128 + _base_.num_tokens, 128],
        out_channels=64,
    ),
    decode_head=dict(
        in_channels=[64, 64, 64, 64],
        channels=64,
        num_classes=num_classes,
        norm_cfg=norm_cfg,
    ),
    test_cfg=dict(crop_size=(128, 128), stride=(85, 85)),
)
