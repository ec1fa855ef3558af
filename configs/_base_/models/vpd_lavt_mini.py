_base_ = ['./vpd_sd15_lavt.py', './mini.py']
channels = _base_.mini_channels
# The longest expression of the mini world has 12 words.
num_tokens = 16
# Group norm learns slower here: it takes away what a text changes in all of a picture.
norm_cfg = dict(type='BN')
model = dict(
    data_preprocessor=dict(size=(128, 128)),
    backbone=dict(
        **_base_.mini_backbone,
        prompt=dict(num_tokens=num_tokens),
        attention=dict(max_size=64),
        # Attention over N tokens averages 1/N; short schedules need a larger factor.
        attention_scale=100.0,
    ),
    decode_head=dict(
        in_channels=[32 + num_tokens, 64 + num_tokens, 128 + num_tokens, 128],
        channels=64,
        norm_cfg=norm_cfg,
    ),
)
