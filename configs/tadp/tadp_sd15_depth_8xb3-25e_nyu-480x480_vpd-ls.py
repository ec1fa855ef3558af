_base_ = './tadp_sd15_depth_8xb3-25e_nyu-480x480_vpd.py'
# VPD(LS): with scaled latents.
model = dict(backbone=dict(latent_scale=0.18215, latent_sampling='sample_in_training'))
