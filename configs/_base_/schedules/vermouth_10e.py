_base_ = './vermouth_100e.py'
# The fast schedule.
train_cfg = dict(max_epochs=10, val_interval=10)
