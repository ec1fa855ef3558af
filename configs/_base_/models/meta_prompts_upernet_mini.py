_base_ = ['./meta_prompts_sd15_upernet.py', './mini.py']
channels = _base_.mini_channels
num_prompts = 32
num_classes = 16
width = 128
norm_cfg = dict(_delete_=True, **_base_.group_norm)
model = dict(
    data_preprocessor=dict(size=(128, 128)),
    backbone=dict(
        **_base_.mini_backbone,
        prompt=dict(num_prompts=num_prompts),
        gradient_checkpointing=False,
    ),
    neck=dict(neck=dict(in_channels=channels, width=width)),
    decode_head=dict(
        in_channels=[num_prompts] * 4,
        channels=64,
        num_classes=num_classes,
        norm_cfg=norm_cfg,
    ),
    auxiliary_head=dict(
        in_channels=num_prompts,
        channels=64,
        num_classes=num_classes,
        norm_cfg=norm_cfg,
    ),
    test_cfg=dict(crop_size=(128, 128), stride=(85, 85)),
)
