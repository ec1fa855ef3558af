_base_ = './mini_instruct_pix2pix_500.py'
# The checkpoint that comes with the package.
max_iters = 1500
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], end=max_iters),
]
train_cfg = dict(max_iters=max_iters, val_interval=500)
