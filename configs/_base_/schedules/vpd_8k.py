_base_ = './vpd_80k.py'
# The fast schedule (paper, Table 2): one run of 8k iterations, evaluated at 4k and 8k.
param_scheduler = [
    dict(_base_.param_scheduler[0], end=150),
    dict(_base_.param_scheduler[1], end=8000),
]
train_cfg = dict(max_iters=8000, val_interval=4000)
default_hooks = dict(checkpoint=dict(interval=4000))
