_base_ = './genpercept_sd21_depth.py'
model = dict(
    arch='mini',
    pretrained='mini',
    vae_dtype='bfloat16',
    gradient_checkpointing=False,
)
