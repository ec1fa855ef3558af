_base_ = './vpd_lavt_40e.py'
# Small weights want a larger learning rate than Stable Diffusion's, and the paper's
# tenth of it for the UNet.
optim_wrapper = dict(
    optimizer=dict(lr=2e-3),
    paramwise_cfg=dict(
        custom_keys=dict.fromkeys(
            ('backbone.unet', *_base_.transformer_norms), dict(lr_mult=0.1)
        )
    ),
)
param_scheduler = [dict(_base_.param_scheduler[0], end=2)]
train_cfg = dict(max_epochs=2)
default_hooks = dict(logger=dict(interval=20))
auto_scale_lr = dict(base_batch_size=8)
