_base_ = ['./tadp_sd15_smp_fpn.py', './mini_smp_fpn.py']
channels = _base_.mini_channels
model = _base_.mini_smp_fpn
model.neck.in_channels = [32, 64 + _base_.num_tokens, 128 + _base_.num_tokens, 128]
