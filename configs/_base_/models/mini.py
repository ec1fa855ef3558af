# What the minis of all models share: the shipped mini Stable Diffusion, its channels,
# and a norm that works on a CPU.
mini_channels = [32, 64, 128, 128]
mini_backbone = dict(
    arch='mini',
    pretrained='mini',
    # `mini` was pre-trained on latents x 0.18215; these schedules are too short to
    # adapt to unscaled ones.
    latent_scale=0.18215,
)
# Synchronized batch norm has no CPU version for several processes.
group_norm = dict(type='GN', num_groups=16, requires_grad=True)
