_base_ = './vpd_lavt_40e.py'
# The released TADP on VOC. As in VPD's referring segmentation, nothing reads the
# factors of its parameter groups, so the UNet trains at the full learning rate; the
# paper says a tenth. Accumulation: Table S3f.
optim_wrapper = dict(optimizer=dict(lr=1e-5), accumulative_counts=4)
# What was meant: (1 - x)^0.9 over all iterations. The released code divides by an
# epoch's length of 1, and its rate is a complex number after 15 steps.
param_scheduler = [dict(_base_.param_scheduler[0], end=15)]
train_cfg = dict(max_epochs=15)
default_hooks = dict(checkpoint=dict(save_best='mIoU'))
# The learning rate above belongs to 1 GPU x 2 images.
auto_scale_lr = dict(base_batch_size=2)
