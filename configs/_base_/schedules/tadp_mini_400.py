_base_ = './mini_400.py'
optim_wrapper = dict(optimizer=dict(weight_decay=5e-3))
