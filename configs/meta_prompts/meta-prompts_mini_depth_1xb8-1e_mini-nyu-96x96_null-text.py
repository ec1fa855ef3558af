_base_ = './meta-prompts_mini_depth_1xb8-1e_mini-nyu-96x96.py'
# The empty string as the prompt.
model = dict(
    backbone=dict(prompt=dict(_delete_=True, type='NullPrompt')),
    neck=dict(neck=dict(rearrange=False)),
    decode_head=dict(in_channels=_base_.width),
)
