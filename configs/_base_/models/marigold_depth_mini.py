_base_ = './marigold_sd20_depth.py'
model = dict(
    arch='mini',
    pretrained='mini',
    gradient_checkpointing=False,
    sampler=dict(steps=10),
)
