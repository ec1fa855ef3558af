_base_ = './mini_sd_5k.py'
optim_wrapper = dict(
    optimizer=dict(lr=3e-3),
    # Words, places and nouns, as in `MuonOptimWrapperConstructor`.
    paramwise_cfg=dict(
        adamw_keys=('cls.predictions.decoder', '.positions', 'presence.')
    ),
)
param_scheduler = [
    dict(_base_.param_scheduler[0], end=30),
    dict(_base_.param_scheduler[1], eta_min_ratio=0.01, begin=30, end=1000),
]
train_cfg = dict(max_iters=1000)
