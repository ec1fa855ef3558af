_base_ = './meta-prompts_mini_depth_1xb8-1e_mini-nyu-96x96.py'
# Table 5c: two passes.
num_steps = 2
model = dict(
    backbone=dict(prompt=dict(num_steps=num_steps), refinement_steps=num_steps),
)
