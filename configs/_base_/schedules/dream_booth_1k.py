_base_ = './personalization.py'
# The released script and supplement, Table S4c: 1000 steps of one picture at 5e-6.
# The text (D.1) says 2e-6, and 500 steps for Dark Zurich.
optim_wrapper = dict(optimizer=dict(lr=5e-6))
train_cfg = dict(max_iters=1000)
default_hooks = dict(checkpoint=dict(interval=500, max_keep_ckpts=1))
