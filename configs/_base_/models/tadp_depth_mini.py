_base_ = ['./tadp_sd15_depth.py', './mini_vpd_depth.py']
channels = _base_.mini_channels
model = _base_.mini_vpd_depth
