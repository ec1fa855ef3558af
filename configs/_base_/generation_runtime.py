# Needs MMEngine and nothing of its hosts.
_base_ = './runtime.py'
default_scope = 'mmengine'
visualizer = dict(type='Visualizer')
