_base_ = ['./tadp_sd15_fpn_cityscapes.py', './mini.py']
num_tokens = _base_.num_tokens
channels = _base_.mini_channels
# Prior pictures of `mini` are all by day; those of `mini-styles` are in every style.
backbone = dict(_base_.mini_backbone, pretrained='pretrained/mini-styles')
model = dict(
    data_preprocessor=dict(size=(128, 128)),
    backbone=backbone,
    neck=dict(
        in_channels=[32, 64 + num_tokens, 128 + num_tokens, 128], out_channels=64
    ),
    decode_head=dict(
        in_channels=[64, 64, 64, 64],
        channels=64,
        norm_cfg=dict(_delete_=True, **_base_.group_norm),
    ),
    test_cfg=dict(crop_size=(128, 128), stride=(85, 85)),
)
