_base_ = ['./td_hm_sd15.py', './mini.py']
model = dict(
    backbone=dict(**_base_.mini_backbone, autocast=False),
    head=dict(in_channels=sum(_base_.mini_channels), deconv_out_channels=(64,)),
)
