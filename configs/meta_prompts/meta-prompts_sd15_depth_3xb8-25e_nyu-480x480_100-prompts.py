_base_ = './meta-prompts_sd15_depth_3xb8-25e_nyu-480x480.py'
# Table 5b: 100 prompts.
num_prompts = 100
model = dict(
    backbone=dict(prompt=dict(num_prompts=num_prompts)),
    decode_head=dict(in_channels=num_prompts),
)
