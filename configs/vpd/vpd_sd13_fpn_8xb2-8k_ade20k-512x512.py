_base_ = './vpd_sd15_fpn_8xb2-8k_ade20k-512x512.py'
# Figure 3 leaves 1-3 out (30k iterations fewer than 1-4); here for completeness.
model = dict(backbone=dict(pretrained='CompVis/stable-diffusion-v1-3'))
