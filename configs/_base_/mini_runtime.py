# Needs mmsegmentation; for minis, which train on a CPU.
_base_ = './default_runtime.py'
env_cfg = dict(cudnn_benchmark=False, dist_cfg=dict(backend='gloo'))
custom_hooks = [*_base_.custom_hooks, dict(type='InitialValidationHook')]
