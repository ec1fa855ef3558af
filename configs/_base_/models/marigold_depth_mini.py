_base_ = './marigold_sd20_depth.py'
model = dict(
    arch='mini',
    pretrained='mini',
    # A third of a step less on a CPU with AMX; depth passes the VAE equally well.
    vae_dtype='bfloat16',
    gradient_checkpointing=False,
    sampler=dict(steps=10),
)
