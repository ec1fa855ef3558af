# For minis of retrieval, which train on a CPU.
_base_ = './retrieval_runtime.py'
env_cfg = dict(cudnn_benchmark=False, dist_cfg=dict(backend='gloo'))
