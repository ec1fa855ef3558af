_base_ = './vpd_sd15_fpn_8xb2-80k_ade20k-512x512.py'
# The optimiser that the paper describes (section 4.1), where the default follows the
# released code.
optim_wrapper = dict(
    optimizer=dict(lr=1e-4, weight_decay=1e-4),
    paramwise_cfg=dict(
        custom_keys=dict(_delete_=True, **{'backbone.unet': dict(lr_mult=0.1)})
    ),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6, begin=0, end=1500, by_epoch=False),
    dict(type='PolyLR', power=0.9, eta_min=1e-6, begin=0, end=80000, by_epoch=False),
]
