_base_ = './vermouth_100e.py'
# Few epochs, a larger learning rate.
optim_wrapper = dict(optimizer=dict(lr=1e-3))
train_cfg = dict(max_epochs=8, val_interval=8)
default_hooks = dict(logger=dict(interval=5), checkpoint=dict(interval=1))
auto_scale_lr = dict(base_batch_size=32)
