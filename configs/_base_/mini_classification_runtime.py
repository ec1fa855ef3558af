# For minis of classification, which train on a CPU.
_base_ = './classification_runtime.py'
env_cfg = dict(cudnn_benchmark=False, dist_cfg=dict(backend='gloo'))
