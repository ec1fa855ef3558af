_base_ = './marigold_30k.py'
# E2E-FT: AdamW, clipped gradients, to a hundredth of the rate in 20,000 steps.
decay = 20000
optim_wrapper = dict(
    optimizer=dict(type='AdamW', weight_decay=0.01), clip_grad=dict(max_norm=1.0)
)
param_scheduler = [
    _base_.param_scheduler[0],
    dict(
        _base_.param_scheduler[1],
        gamma=0.01 ** (1 / ((decay - _base_.warmup) * _base_.accumulative_counts)),
        end=decay * _base_.accumulative_counts + 1,
    ),
]
train_cfg = dict(max_iters=decay * _base_.accumulative_counts)
