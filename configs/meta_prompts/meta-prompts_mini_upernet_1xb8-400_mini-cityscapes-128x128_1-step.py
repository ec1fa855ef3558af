_base_ = './meta-prompts_mini_upernet_1xb8-400_mini-cityscapes-128x128.py'
# Table 5c: one pass, nothing is refined.
model = dict(backbone=dict(refinement_steps=1))
