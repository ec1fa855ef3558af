_base_ = './tadp_mini_faster-rcnn_1xb8-2e_mini-voc0712-128x128_vpd.py'
# Not in the paper: the empty string, with its attention maps.
model = dict(
    backbone=dict(prompt=dict(_delete_=True, type='NullPrompt')),
    neck=dict(in_channels=[32, 141, 205, 128]),
)
