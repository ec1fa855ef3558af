_base_ = ['./td_hm_sd15.py', './mini.py']
channels = _base_.mini_channels
model = dict(
    backbone=dict(**_base_.mini_backbone, autocast=False),
    head=dict(in_channels=sum(channels), deconv_out_channels=(64,)),
)
