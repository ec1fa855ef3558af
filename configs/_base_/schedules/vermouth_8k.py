_base_ = './vermouth_120k.py'
# The fast schedule.
param_scheduler = [
    dict(_base_.param_scheduler[0], end=150),
    dict(_base_.param_scheduler[1], end=8000),
]
train_cfg = dict(max_iters=8000, val_interval=8000)
default_hooks = dict(checkpoint=dict(interval=1000))
