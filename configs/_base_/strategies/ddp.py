# Beside a config's other bases: FlexibleRunner with a replica of the model on every
# GPU, which computes what Runner does.
runner_type = 'FlexibleRunner'
strategy = dict(
    type='DDPStrategy',
    model_wrapper=dict(
        type='MMDistributedDataParallel',
        broadcast_buffers=False,
        find_unused_parameters=False,
    ),
)
