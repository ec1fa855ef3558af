_base_ = './meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024.py'
# Table 5c: two passes.
model = dict(backbone=dict(refinement_steps=2))
