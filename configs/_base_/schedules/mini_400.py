_base_ = './mini_600.py'
param_scheduler = [_base_.param_scheduler[0], dict(_base_.param_scheduler[1], end=400)]
train_cfg = dict(max_iters=400, val_interval=200)
