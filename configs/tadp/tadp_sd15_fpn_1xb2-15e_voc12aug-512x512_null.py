_base_ = './tadp_sd15_fpn_1xb2-15e_voc12aug-512x512_vpd-ls.py'
# Not in the paper: the empty string, with its attention maps.
model = dict(
    backbone=dict(prompt=dict(_delete_=True, type='NullPrompt')),
    neck=dict(in_channels=[320, 717, 1357, 1280]),
)
