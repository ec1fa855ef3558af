_base_ = './meta-prompts_mini_depth_1xb8-1e_mini-nyu-96x96.py'
# No dot product with the prompts.
model = dict(
    neck=dict(neck=dict(rearrange=False)),
    decode_head=dict(in_channels=_base_.width),
)
