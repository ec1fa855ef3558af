_base_ = './vpd_sd15_fpn_8xb2-80k_ade20k-512x512.py'
# The fast schedule (paper, Table 2): one run of 8k iterations, evaluated at 4k and 8k.
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6, begin=0, end=150, by_epoch=False),
    dict(type='PolyLR', power=1.0, eta_min=0.0, begin=0, end=8000, by_epoch=False),
]
train_cfg = dict(max_iters=8000, val_interval=4000)
default_hooks = dict(checkpoint=dict(interval=4000))
