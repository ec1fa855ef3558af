# Beside a config's other bases: FlexibleRunner with DeepSpeed ZeRO-2, gradients and
# optimizer states shared out among the GPUs, in bfloat16. The config itself has to say
# optim_wrapper = dict(type='DeepSpeedOptimWrapper'), without options of another one:
# DeepSpeed clips and accumulates gradients itself.
runner_type = 'FlexibleRunner'
strategy = dict(
    type='DeepSpeedStrategy',
    bf16=dict(enabled=True),
    gradient_clipping=1.0,
    gradient_accumulation_steps=1,
    zero_optimization=dict(
        stage=2, overlap_comm=True, reduce_scatter=True, contiguous_gradients=True
    ),
)
