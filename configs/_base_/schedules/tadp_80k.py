_base_ = './vpd_80k.py'
# The released TADP: VPD's schedule with more decay, on 2 GPUs x 8 images. Supplement,
# Table S3a, prints a batch of 2 and 0.01 for the UNet's learning rate; its text says a
# tenth, as the code.
optim_wrapper = dict(optimizer=dict(weight_decay=5e-3))
