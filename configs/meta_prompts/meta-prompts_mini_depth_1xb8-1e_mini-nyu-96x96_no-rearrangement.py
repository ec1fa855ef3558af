_base_ = './meta-prompts_mini_depth_1xb8-1e_mini-nyu-96x96.py'
# Table 5d: no dot product with the prompts. How the authors left it out is not known;
# here the projected maps go to the head.
model = dict(
    neck=dict(neck=dict(rearrange=False)), decode_head=dict(in_channels=_base_.width)
)
