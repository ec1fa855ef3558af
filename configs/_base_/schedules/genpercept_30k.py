_base_ = './marigold_30k.py'
# GenPercept: 4 batches of 8 a step, in half precision (here bfloat16).
accumulative_counts = 4
optim_wrapper = dict(enabled=True, accumulative_counts=accumulative_counts)
param_scheduler = [
    dict(_base_.param_scheduler[0], end=_base_.warmup * accumulative_counts + 1),
    dict(
        _base_.param_scheduler[1],
        gamma=0.01 ** (1 / ((_base_.decay - _base_.warmup) * accumulative_counts)),
        begin=_base_.warmup * accumulative_counts,
        end=_base_.decay * accumulative_counts + 1,
    ),
]
train_cfg = dict(
    max_iters=_base_.steps * accumulative_counts,
    val_interval=2000 * accumulative_counts,
)
default_hooks = dict(checkpoint=dict(interval=2000 * accumulative_counts))
auto_scale_lr = dict(base_batch_size=8)
