_base_ = './meta-prompts_sd15_upernet_8xb1-80k_mapillary-1024x1024.py'
# What the variant with extra data starts from.
model = dict(backbone=dict(refinement_steps=1))
