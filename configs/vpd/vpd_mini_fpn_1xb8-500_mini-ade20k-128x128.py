# The quickstart's: few iterations and one validation, for a result within minutes.
_base_ = './vpd_mini_fpn_1xb8-600_mini-ade20k-128x128.py'
max_iters = 500
# One kernel for all parameters: on a CPU, an eighth of the step's time less.
optim_wrapper = dict(optimizer=dict(fused=True))
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], end=max_iters),
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
