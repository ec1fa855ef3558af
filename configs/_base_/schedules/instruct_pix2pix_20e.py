_base_ = './instruct_pix2pix_60e.py'
# ADDP's ablations.
train_cfg = dict(max_epochs=20, val_interval=5)
