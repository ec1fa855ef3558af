_base_ = './tadp_mini_fpn_1xb8-2e_mini-voc12-128x128_vpd-ls.py'
# Not in the paper: the empty string, with its attention maps.
model = dict(
    backbone=dict(prompt=dict(_delete_=True, type='NullPrompt')),
    neck=dict(in_channels=[32, 141, 205, 128]),
)
