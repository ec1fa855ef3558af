_base_ = './meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024.py'
# Table 5d: no dot product with the prompts. How the authors left it out is not known;
# here the projected maps go to the head.
model = dict(
    neck=dict(neck=dict(rearrange=False)),
    decode_head=dict(in_channels=[_base_.width] * 4),
    auxiliary_head=dict(in_channels=_base_.width),
)
