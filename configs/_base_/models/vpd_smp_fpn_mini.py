_base_ = ['./vpd_sd15_smp_fpn.py', './mini_smp_fpn.py']
num_classes = 7
channels = _base_.mini_channels
model = _base_.mini_smp_fpn
model.neck.in_channels = [32, 64 + num_classes, 128 + num_classes, 128]
