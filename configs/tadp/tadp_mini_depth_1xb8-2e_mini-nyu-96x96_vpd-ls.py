_base_ = './tadp_mini_depth_1xb8-2e_mini-nyu-96x96_vpd.py'
# VPD(LS): latents are drawn, too.
model = dict(backbone=dict(latent_scale=0.18215, latent_sampling='sample_in_training'))
