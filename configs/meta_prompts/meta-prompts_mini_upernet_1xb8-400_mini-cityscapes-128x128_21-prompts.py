_base_ = './meta-prompts_mini_upernet_1xb8-400_mini-cityscapes-128x128.py'
# Table 5b: two thirds of the prompts, as 100 is of 150.
num_prompts = 21
model = dict(
    backbone=dict(prompt=dict(num_prompts=num_prompts)),
    decode_head=dict(in_channels=[num_prompts] * 4),
    auxiliary_head=dict(in_channels=num_prompts),
)
