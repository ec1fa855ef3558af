# Stable Diffusion 1.5 as it was trained: padding is shown, timesteps are drawn alike.
model = dict(
    type='TextualInversion',
    arch='sd15',
    pretrained='stable-diffusion-v1-5/stable-diffusion-v1-5',
    visible_padding_share=1.0,
    mid_share=0.0,
)
