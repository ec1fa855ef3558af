# Needs MMEngine and nothing of its hosts.
_base_ = ['./runtime.py', './schedules/iterations.py']
default_scope = 'mmengine'
visualizer = dict(type='Visualizer')
default_hooks = dict(checkpoint=dict(interval=100))
# bfloat16 on a GPU or a CPU that has it.
optim_wrapper = dict(
    type='AutocastOptimWrapper',
    constructor='MuonOptimWrapperConstructor',
    optimizer=dict(type='MuonAdamW', lr=1.5e-3),
    clip_grad=dict(max_norm=1.0),
)
