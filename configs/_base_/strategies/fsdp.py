# Beside a config's other bases: FlexibleRunner with parameters, gradients and optimizer
# states shared out among the GPUs. A checkpoint is a whole one, written by rank 0.
runner_type = 'FlexibleRunner'
_gathered = dict(rank0_only=True, offload_to_cpu=True)
strategy = dict(
    type='FSDPStrategy',
    model_wrapper=dict(
        type='MMFullyShardedDataParallel',
        auto_wrap_policy='diffusion_wrap_policy',
        # Parameters keep their names, which the groups of an optimizer go by.
        use_orig_params=True,
    ),
    state_dict_cfg=dict(
        state_dict_type='FULL_STATE_DICT',
        state_dict_config=dict(type='FullStateDictConfig', **_gathered),
        optim_state_dict_config=dict(type='FullOptimStateDictConfig', **_gathered),
    ),
)
