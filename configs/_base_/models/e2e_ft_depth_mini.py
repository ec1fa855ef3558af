_base_ = './e2e_ft_sd20_depth.py'
model = dict(
    arch='mini',
    pretrained='mini',
    gradient_checkpointing=False,
)
