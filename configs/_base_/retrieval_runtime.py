# Needs MMEngine, and mmcv's transforms, which come with any host.
_base_ = './runtime.py'
default_scope = 'mmengine'
visualizer = dict(type='Visualizer')
log_processor = dict(by_epoch=True)
custom_hooks = [dict(type='IterationSeedHook')]
