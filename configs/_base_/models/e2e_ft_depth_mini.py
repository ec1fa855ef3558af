_base_ = './e2e_ft_sd20_depth.py'
model = dict(
    arch='mini',
    pretrained='mini',
    gradient_checkpointing=False,
    # On a CPU in bfloat16, heads of eight channels train twice as fast.
    eager_attention=True,
)
