_base_ = './personalization.py'
# Supplement, Table S4d: 3000 steps of 4 x 1 picture; the released words come from
# these. The text (D.1) says 1000.
optim_wrapper = dict(optimizer=dict(lr=5e-4))
train_cfg = dict(max_iters=3000)
default_hooks = dict(checkpoint=dict(interval=500))
