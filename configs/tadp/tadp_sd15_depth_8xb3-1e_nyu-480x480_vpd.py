_base_ = './tadp_sd15_depth_8xb3-25e_nyu-480x480_vpd.py'
# VPD(R).
# The fast schedule: one epoch at a constant rate.
param_scheduler = None
train_cfg = dict(max_epochs=1)
