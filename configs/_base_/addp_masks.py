# ADDP's parts for masks, for `custom_hooks`. How strong each corruption is, is ours.
loss_scaling_hook = dict(type='TimestepSamplingHook', weights='schedule', use='loss')
sampling_hook = dict(type='TimestepSamplingHook', weights='schedule')
# Closer together near the noisy end, where a mask is decided. Uniform until the first
# validation.
statistics_hook = dict(
    type='TimestepSamplingHook',
    weights='uniform',
    statistics=dict(
        metric='network/oIoU',
        timesteps=[999, 980, 960, 930, 900, 800, 600, 300],
        samples=2000,
    ),
)
augmentation_hook = dict(
    type='TargetAugmentationHook',
    transforms=[
        dict(type='ShiftMask'),
        dict(type='EraseMask'),
        dict(type='ChangeMaskColor'),
    ],
)
