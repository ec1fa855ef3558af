_base_ = './tadp_sd15_fpn_2xb8-80k_ade20k-512x512_vpd.py'
# VPD(LS): with scaled latents.
model = dict(backbone=dict(latent_scale=0.18215, latent_sampling='sample_in_training'))
