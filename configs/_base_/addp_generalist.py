# ADDP for a generalist: contributions of the timesteps by the schedule, and corruptions
# of each task's target. The paper says nothing of those of classes and boxes.
addp_hooks = [
    dict(type='TimestepSamplingHook', weights='schedule', floor=0.1),
    dict(
        type='TargetAugmentationHook',
        transforms=dict(
            depth=[dict(type='BlurTarget')],
            segmentation=[dict(type='ShiftMask'), dict(type='EraseMask')],
            detection=[dict(type='JitterBoxes')],
        ),
    ),
]
