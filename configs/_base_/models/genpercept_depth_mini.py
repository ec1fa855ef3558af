_base_ = './genpercept_sd21_depth.py'
model = dict(
    arch='mini',
    pretrained='mini',
    gradient_checkpointing=False,
)
