_base_ = './vpd_sd15_fpn_8xb2-80k_ade20k-512x512.py'
# The optimizer that the paper describes (section 4.1), where the default follows the
# released code.
optim_wrapper = dict(
    optimizer=dict(lr=1e-4, weight_decay=1e-4),
    paramwise_cfg=dict(
        custom_keys=dict(_delete_=True, **{'backbone.unet': dict(lr_mult=0.1)})
    ),
)
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], power=0.9, eta_min=1e-6),
]
