# What InstructCV's released code measures, with its mistakes.
released_evaluator = dict(
    type='TaskEvaluator',
    tasks=('depth', 'segmentation', 'detection'),
    metrics=dict(
        depth=dict(type='InstructCVDepthQuirks', max_depth=10.0),
        segmentation=dict(type='InstructCVSegmentationQuirks'),
        detection=dict(type='InstructCVDetectionQuirks'),
    ),
)
