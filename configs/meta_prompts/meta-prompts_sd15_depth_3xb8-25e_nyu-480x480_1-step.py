_base_ = './meta-prompts_sd15_depth_3xb8-25e_nyu-480x480.py'
# Table 5c: one pass, nothing is refined.
num_steps = 1
model = dict(
    backbone=dict(prompt=dict(num_steps=num_steps), refinement_steps=num_steps),
)
