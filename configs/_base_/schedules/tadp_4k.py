_base_ = './tadp_8k.py'
# The fast schedule of 4k iterations (supplement, Table S3c): a run of its own.
param_scheduler = [
    dict(_base_.param_scheduler[0], end=75),
    dict(_base_.param_scheduler[1], end=4000),
]
train_cfg = dict(max_iters=4000, val_interval=400)
default_hooks = dict(checkpoint=dict(interval=400))
