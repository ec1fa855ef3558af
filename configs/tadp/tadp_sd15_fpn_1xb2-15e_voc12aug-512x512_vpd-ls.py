_base_ = './tadp_sd15_fpn_1xb2-15e_voc12aug-512x512_vpd.py'
# VPD(LS): with scaled latents.
model = dict(backbone=dict(latent_scale=0.18215, latent_sampling='sample_in_training'))
