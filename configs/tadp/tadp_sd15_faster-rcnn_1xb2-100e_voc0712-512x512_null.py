_base_ = './tadp_sd15_faster-rcnn_1xb2-100e_voc0712-512x512_vpd.py'
# Not in the paper: the empty string, with its attention maps.
model = dict(
    backbone=dict(prompt=dict(_delete_=True, type='NullPrompt')),
    neck=dict(in_channels=[320, 717, 1357, 1280]),
)
