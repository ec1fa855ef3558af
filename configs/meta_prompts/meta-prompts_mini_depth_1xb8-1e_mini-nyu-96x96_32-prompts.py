_base_ = './meta-prompts_mini_depth_1xb8-1e_mini-nyu-96x96.py'
# Table 5b: twice the prompts, as 100 is of 50.
num_prompts = 32
model = dict(
    backbone=dict(prompt=dict(num_prompts=num_prompts)),
    decode_head=dict(in_channels=num_prompts),
)
