# Needs mmsegmentation.
_base_ = './runtime.py'
default_scope = 'mmseg'
# A killed run that is resumed draws the same dropout as one that was never stopped.
custom_hooks = [dict(type='IterationSeedHook')]
visualizer = dict(type='SegLocalVisualizer')
tta_model = dict(type='BatchedSegTTAModel')
