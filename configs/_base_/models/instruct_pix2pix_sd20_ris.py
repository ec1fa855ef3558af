_base_ = './instruct_pix2pix_sd15_ris.py'
# The 512-pixel model, which predicts noise.
model = dict(arch='sd21', pretrained='stabilityai/stable-diffusion-2-base')
