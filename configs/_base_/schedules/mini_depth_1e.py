_base_ = './mini_depth_2e.py'
# Shorter, with a larger learning rate.
optim_wrapper = dict(optimizer=dict(lr=2e-3))
train_cfg = dict(max_epochs=1)
