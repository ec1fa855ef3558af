_base_ = './vermouth_retrieval_1e.py'
# The mini world has few pictures: more epochs, a larger learning rate.
optim_wrapper = dict(optimizer=dict(lr=1e-3))
train_cfg = dict(max_epochs=4, val_interval=4)
default_hooks = dict(logger=dict(interval=20))
auto_scale_lr = dict(base_batch_size=32)
