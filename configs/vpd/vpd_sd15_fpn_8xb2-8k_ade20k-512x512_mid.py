_base_ = './vpd_sd15_fpn_8xb2-8k_ade20k-512x512.py'
# Table 5: attention maps of the middle block only, which have stride 64.
channels = [*_base_.channels[:3], _base_.channels[3] + _base_.num_classes]
model = dict(
    backbone=dict(attention=dict(stages=('mid',))), neck=dict(in_channels=channels)
)
