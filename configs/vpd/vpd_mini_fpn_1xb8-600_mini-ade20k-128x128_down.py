_base_ = './vpd_mini_fpn_1xb8-600_mini-ade20k-128x128.py'
# Table 5: attention maps of the down-sampling blocks only.
model = dict(backbone=dict(attention=dict(stages=('down',))))
