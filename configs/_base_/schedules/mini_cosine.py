# The fall that minis of detection and pose have in place of steps.
cosine = dict(
    type='CosineAnnealingLR',
    eta_min=0.0,
    begin=0,
    by_epoch=True,
    convert_to_iter_based=True,
)
