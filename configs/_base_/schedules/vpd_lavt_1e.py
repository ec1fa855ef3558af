_base_ = './vpd_lavt_40e.py'
# One epoch, in which the learning rate falls to 0 all the same.
param_scheduler = [dict(_base_.param_scheduler[0], end=1)]
train_cfg = dict(max_epochs=1)
