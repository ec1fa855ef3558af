_base_ = ['./meta_prompts_sd15_td_hm.py', './mini.py']
channels = _base_.mini_channels
num_prompts = 32
width = 128
model = dict(
    backbone=dict(
        **_base_.mini_backbone,
        prompt=dict(num_prompts=num_prompts),
        gradient_checkpointing=False,
        autocast=False,
    ),
    neck=dict(neck=dict(in_channels=channels, width=width)),
    head=dict(in_channels=4 * num_prompts, conv_out_channels=(64,)),
)
