# Needs mmsegmentation; for minis whose prediction is denoised. Before training it would
# be noise, so nothing is validated at the start.
_base_ = './mini_runtime.py'
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='TrainableEMAHook', momentum=0.01),
]
