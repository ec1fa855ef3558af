_base_ = ['./pose_210e.py', './mini_cosine.py']
# Short, with a larger learning rate.
optim_wrapper = dict(optimizer=dict(lr=2e-3))
param_scheduler = [dict(_base_.warmup, end=50), dict(_base_.cosine, end=2)]
train_cfg = dict(max_epochs=2, val_interval=1)
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=1))
auto_scale_lr = dict(base_batch_size=16)
