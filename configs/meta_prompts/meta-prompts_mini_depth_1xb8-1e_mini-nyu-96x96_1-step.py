_base_ = './meta-prompts_mini_depth_1xb8-1e_mini-nyu-96x96.py'
# Table 5c: one pass, nothing is refined.
num_steps = 1
model = dict(
    backbone=dict(prompt=dict(num_steps=num_steps), refinement_steps=num_steps),
)
