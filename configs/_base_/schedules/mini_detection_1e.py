_base_ = ['./detection_12e.py', './mini_cosine.py']
# Short, with a larger learning rate.
optim_wrapper = dict(optimizer=dict(lr=1e-3))
param_scheduler = [dict(_base_.warmup, end=50), dict(_base_.cosine, end=1)]
train_cfg = dict(max_epochs=1)
default_hooks = dict(logger=dict(interval=20))
auto_scale_lr = dict(base_batch_size=8)
