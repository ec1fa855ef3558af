_base_ = './meta-prompts_mini_upernet_1xb8-400_mini-mapillary-128x128.py'
# What the variant with extra data starts from.
model = dict(backbone=dict(refinement_steps=1))
