_base_ = ['./meta_prompts_sd15_depth.py', './mini.py']
channels = _base_.mini_channels
num_prompts = 16
width = 128
model = dict(
    # Windows of 96 are resized to 128.
    input_scale=128 / 96,
    data_preprocessor=dict(size=(96, 96)),
    backbone=dict(
        **_base_.mini_backbone,
        prompt=dict(num_prompts=num_prompts),
        gradient_checkpointing=False,
    ),
    neck=dict(neck=dict(in_channels=channels, width=width, hidden_channels=16)),
    decode_head=dict(
        in_channels=num_prompts,
        channels=24,
        num_deconv_filters=(16, 16, 16),
        feature_scale=96 / 128,
        # The released head starts at a thousandth, which a short schedule would spend
        # its time on leaving.
        init_cfg=dict(
            type='Kaiming', mode='fan_in', layer=['Conv2d', 'ConvTranspose2d']
        ),
    ),
    test_cfg=dict(crop_size=(96, 96), stride=(32, 32)),
)
