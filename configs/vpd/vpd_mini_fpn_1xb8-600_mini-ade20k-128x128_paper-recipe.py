_base_ = './vpd_mini_fpn_1xb8-600_mini-ade20k-128x128.py'
# The optimizer that the paper describes (section 4.1). Learning rate and minimum are in
# the same proportion to the default's as in the full size.
optim_wrapper = dict(
    optimizer=dict(lr=7.5e-3, weight_decay=1e-4),
    paramwise_cfg=dict(
        custom_keys=dict(_delete_=True, **{'backbone.unet': dict(lr_mult=0.1)})
    ),
)
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], power=0.9, eta_min=7.5e-5),
]
