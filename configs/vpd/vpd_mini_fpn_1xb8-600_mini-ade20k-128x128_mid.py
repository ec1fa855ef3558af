_base_ = './vpd_mini_fpn_1xb8-600_mini-ade20k-128x128.py'
# Table 5: attention maps of the middle block only, which have stride 64.
channels = [*_base_.channels[:3], _base_.channels[3] + _base_.num_classes]
model = dict(
    backbone=dict(attention=dict(stages=('mid',))), neck=dict(in_channels=channels)
)
