_base_ = './marigold-v1-0_sd20_depth_1xb2-30k_hypersim-vkitti2.py'
# Of ADDP the contribution-aware sampling of timesteps alone.
model = dict(objective=dict(loss_space='sample'))
custom_hooks = [
    *_base_.custom_hooks,
    # Contributions by the schedule; the floor is ours.
    dict(type='TimestepSamplingHook', weights='schedule', floor=0.1),
]
