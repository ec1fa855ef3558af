_base_ = './iterations.py'
# The released Marigold: 30,000 steps of 32 pictures, 16 batches of 2 each, in single
# precision. MMEngine counts batches.
accumulative_counts = 16
warmup, decay, steps = 100, 25000, 30000
optim_wrapper = dict(
    type='AutocastOptimWrapper',
    enabled=False,
    optimizer=dict(type='Adam', lr=3e-5),
    accumulative_counts=accumulative_counts,
)
# From 0 to the rate in 100 steps, then exponentially to a hundredth at step 25,000. A
# law of MMEngine reaches its end one iteration before `end`.
param_scheduler = [
    dict(
        type='LinearLR',
        start_factor=1e-8,
        begin=0,
        end=warmup * accumulative_counts + 1,
        by_epoch=False,
    ),
    dict(
        type='ExponentialLR',
        gamma=0.01 ** (1 / ((decay - warmup) * accumulative_counts)),
        begin=warmup * accumulative_counts,
        end=decay * accumulative_counts + 1,
        by_epoch=False,
    ),
]
train_cfg = dict(
    max_iters=steps * accumulative_counts, val_interval=2000 * accumulative_counts
)
default_hooks = dict(
    checkpoint=dict(interval=2000 * accumulative_counts),
    visualization=dict(type='SegVisualizationHook'),
)
# The rate belongs to a batch of 2, of which 16 make a step.
auto_scale_lr = dict(enable=False, base_batch_size=2)
