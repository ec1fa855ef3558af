_base_ = './vpd_mini_fpn_1xb8-600_mini-ade20k-128x128.py'
# Figure 3: pre-training of `mini` stopped after 1000 of its 5000 iterations.
model = dict(backbone=dict(pretrained='pretrained/mini-sd-1000'))
