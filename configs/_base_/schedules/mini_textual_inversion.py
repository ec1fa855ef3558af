_base_ = './textual_inversion_3k.py'
# Short, with a larger learning rate.
optim_wrapper = dict(optimizer=dict(lr=1e-2))
train_cfg = dict(max_iters=300)
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=100))
