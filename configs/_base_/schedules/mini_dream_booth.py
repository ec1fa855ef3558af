_base_ = './dream_booth_1k.py'
# Short, with a larger learning rate.
optim_wrapper = dict(optimizer=dict(lr=2e-4))
train_cfg = dict(max_iters=200)
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=100))
