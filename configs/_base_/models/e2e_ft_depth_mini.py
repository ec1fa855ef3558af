_base_ = './e2e_ft_sd20_depth.py'
model = dict(
    arch='mini',
    pretrained='mini',
    vae_dtype='bfloat16',
    gradient_checkpointing=False,
)
