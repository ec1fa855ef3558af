_base_ = './vpd_sd15_depth_3xb8-25e_nyu-480x480.py'
# The released trainer divides by zero here: half of one epoch is none. TriangularLR
# rises in the first half of the epoch's iterations and falls in the second.
train_cfg = dict(max_epochs=1)
