# Needs MMEngine, and mmcv's transforms, which come with any host.
_base_ = './retrieval_runtime.py'
custom_hooks = [*_base_.custom_hooks, dict(type='ClassOrderHook')]
