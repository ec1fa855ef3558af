_base_ = './meta-prompts_mini_upernet_1xb8-400_mini-cityscapes-128x128.py'
# Table 5b: a third of the prompts, as 50 is of 150.
num_prompts = 11
model = dict(
    backbone=dict(prompt=dict(num_prompts=num_prompts)),
    decode_head=dict(in_channels=[num_prompts] * 4),
    auxiliary_head=dict(in_channels=num_prompts),
)
