_base_ = './tadp_80k.py'
# The fast schedule of 8k iterations (supplement, Table S3b).
optim_wrapper = dict(optimizer=dict(lr=1.6e-4))
param_scheduler = [
    dict(_base_.param_scheduler[0], end=150),
    dict(_base_.param_scheduler[1], end=8000),
]
train_cfg = dict(max_iters=8000, val_interval=800)
default_hooks = dict(checkpoint=dict(interval=800))
