_base_ = './meta-prompts_sd15_depth_3xb8-25e_nyu-480x480.py'
# Table 5c: two passes.
num_steps = 2
model = dict(
    backbone=dict(prompt=dict(num_steps=num_steps), refinement_steps=num_steps),
)
