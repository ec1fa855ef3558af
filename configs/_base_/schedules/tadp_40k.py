_base_ = './vpd_80k.py'
# The released TADP across domains keeps VPD's decay; Table S4a prints 5e-3.
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], end=40000),
]
train_cfg = dict(max_iters=40000, val_interval=4000)
default_hooks = dict(checkpoint=dict(interval=4000))
