_base_ = './mini_sd_5k.py'
param_scheduler = [
    dict(_base_.param_scheduler[0], end=30),
    dict(_base_.param_scheduler[1], begin=30, end=2400),
]
train_cfg = dict(max_iters=2400, val_interval=400)
auto_scale_lr = dict(base_batch_size=8)
