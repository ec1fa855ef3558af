_base_ = './meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024.py'
# Table 5b: 50 prompts.
num_prompts = 50
model = dict(
    backbone=dict(prompt=dict(num_prompts=num_prompts)),
    decode_head=dict(in_channels=[num_prompts] * 4),
    auxiliary_head=dict(in_channels=num_prompts),
)
