_base_ = './vpd_sd15_fpn_8xb2-8k_ade20k-512x512.py'
# Figure 3: pre-training stopped at Stable Diffusion 1-4.
model = dict(backbone=dict(pretrained='CompVis/stable-diffusion-v1-4'))
