_base_ = './iterations.py'
# The released InstructCV: 20 epochs, 128 pictures on each of 8 GPUs, four batches a
# step, a constant rate. An epoch is as many queries as NYUv2, ADE20K and COCO have
# pictures (ours).
batches = 158
accumulative_counts = 4
optim_wrapper = dict(
    type='AutocastOptimWrapper',
    enabled=True,
    optimizer=dict(type='AdamW', lr=1e-4, weight_decay=1e-2),
    accumulative_counts=accumulative_counts,
)
param_scheduler = []
train_cfg = dict(max_iters=20 * batches, val_interval=5 * batches)
default_hooks = dict(
    checkpoint=dict(interval=batches),
    visualization=dict(type='SegVisualizationHook', draw=False),
)
# The rate belongs to 8 GPUs of 128.
auto_scale_lr = dict(enable=False, base_batch_size=1024)
