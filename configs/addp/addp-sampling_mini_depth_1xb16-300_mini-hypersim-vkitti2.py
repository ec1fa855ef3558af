_base_ = './marigold-v1-0_mini_depth_1xb16-300_mini-hypersim-vkitti2.py'
# Of ADDP the contribution-aware sampling of timesteps alone.
model = dict(objective=dict(loss_space='sample'))
custom_hooks = [
    *_base_.custom_hooks,
    # Contributions by the schedule; the floor is ours.
    dict(type='TimestepSamplingHook', weights='schedule', floor=0.1),
]
