_base_ = './epochs.py'
# InstructPix2Pix's constant rate, and ADDP's number of epochs. ADDP's batch is not
# known; InstructPix2Pix's of 1,024 would leave 41 steps in an epoch.
optim_wrapper = dict(
    type='AutocastOptimWrapper',
    enabled=True,
    # One pass over all parameters; with a text encoder that trains, the table of tokens
    # alone has six million.
    optimizer=dict(type='AdamW', lr=1e-4, weight_decay=1e-2, fused=True),
    # On smaller GPUs halve batch_size and set 2: the same step in two iterations.
    accumulative_counts=1,
)
param_scheduler = []
# A validation takes ten thousand sentences through a hundred steps.
train_cfg = dict(max_epochs=60, val_interval=20)
default_hooks = dict(
    checkpoint=dict(save_best='referring/network/oIoU'),
    visualization=dict(type='SegVisualizationHook'),
)
# The rate belongs to 8 GPUs x 32 pictures.
auto_scale_lr = dict(enable=False, base_batch_size=256)
