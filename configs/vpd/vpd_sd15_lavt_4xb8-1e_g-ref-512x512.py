_base_ = './vpd_sd15_lavt_4xb8-40e_g-ref-512x512.py'
# One epoch, in which the learning rate falls to 0 all the same.
param_scheduler = [
    dict(
        type='PolyLR',
        power=0.9,
        eta_min=0.0,
        begin=0,
        end=1,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
train_cfg = dict(max_epochs=1)
