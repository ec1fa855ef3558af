_base_ = './vpd_depth_25e.py'
# The paper's tenth for the UNet; a hundredth would leave it as it is.
optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys={'backbone.unet': dict(lr_mult=0.1)})
)
train_cfg = dict(max_epochs=2)
default_hooks = dict(logger=dict(interval=20))
auto_scale_lr = dict(base_batch_size=8)
