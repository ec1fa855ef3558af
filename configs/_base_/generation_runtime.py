# Needs MMEngine and nothing of its hosts.
custom_imports = dict(imports=['diffmm'], allow_failed_imports=False)
default_scope = 'mmengine'
env_cfg = dict(
    cudnn_benchmark=True,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)
randomness = dict(seed=0)
vis_backends = [dict(type='LocalVisBackend')]
visualizer = dict(type='Visualizer', vis_backends=vis_backends, name='visualizer')
log_processor = dict(by_epoch=False)
log_level = 'INFO'
load_from = None
resume = False
default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50, log_metric_by_epoch=False),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(
        type='CheckpointHook', by_epoch=False, interval=100, max_keep_ckpts=2
    ),
    sampler_seed=dict(type='DistSamplerSeedHook'),
)
# bfloat16 on a GPU or a CPU that has it.
optim_wrapper = dict(
    type='AutocastOptimWrapper',
    constructor='MuonOptimWrapperConstructor',
    optimizer=dict(type='MuonAdamW', lr=1.5e-3),
    clip_grad=dict(max_norm=1.0),
)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
