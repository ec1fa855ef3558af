_base_ = './sd15.py'
# VPD's backbone, as released: one pass of Stable Diffusion 1.5 at t = 1 on unscaled
# latents, a text adapter, and attention maps up to 32x32 as extra channels.
model = dict(
    backbone=dict(
        prompt=dict(adapter=dict(type='TextAdapter', gamma=1e-4)),
        timestep=1,  # the paper says 0
        latent_scale=1.0,  # Stable Diffusion was trained with 0.18215
        attention=dict(stages=('down', 'up'), max_size=32, gradient=False),
    ),
)
