_base_ = './meta-prompts_mini_upernet_1xb8-400_mini-cityscapes-128x128.py'
# Table 5d: no dot product with the prompts. How the authors left it out is not known;
# here the projected maps go to the head.
model = dict(
    neck=dict(neck=dict(rearrange=False)),
    decode_head=dict(in_channels=[_base_.width] * 4),
    auxiliary_head=dict(in_channels=_base_.width),
)
