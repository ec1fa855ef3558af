_base_ = ['./vermouth_sd15_text_fpn.py', './mini.py', './vermouth_expert_mini.py']
channels = _base_.mini_channels
norm_cfg = dict(_delete_=True, **_base_.group_norm)
model = dict(
    data_preprocessor=dict(size=(128, 128)),
    backbone=dict(**_base_.mini_backbone, expert=dict(source=_base_.mini_expert)),
    neck=dict(widths=[64] * 4),
    decode_head=dict(
        in_channels=[64] * 4,
        channels=64,
        norm_cfg=norm_cfg,
        arch='mini',
        pretrained='mini',
    ),
    test_cfg=dict(crop_size=(128, 128), stride=(85, 85)),
)
