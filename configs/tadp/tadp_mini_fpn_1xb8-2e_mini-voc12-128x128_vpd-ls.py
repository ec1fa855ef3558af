_base_ = './tadp_mini_fpn_1xb8-2e_mini-voc12-128x128_vpd.py'
# VPD(LS): latents are drawn, too.
model = dict(backbone=dict(latent_scale=0.18215, latent_sampling='sample_in_training'))
