# Needs mmsegmentation and mmdetection.
_base_ = './default_runtime.py'
custom_hooks = [
    dict(type='IterationSeedHook'),
    # As InstructPix2Pix: 0.9999, slower at first.
    dict(type='TrainableEMAHook', momentum=1e-4, warm_up=True),
]
