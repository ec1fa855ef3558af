# Photos for the expert of the minis: 64 pixels, and the label alone.
expert_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(64, 64), keep_ratio=False),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackPicture', keys=('gt_label',)),
]
