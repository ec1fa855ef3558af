_base_ = './marigold-v1-0_sd20_depth_1xb2-30k_hypersim-vkitti2.py'
# ADDP: steps that contribute most are trained most, on targets that err. It supervises
# the clean latents; the network predicts velocities as before.
model = dict(objective=dict(loss_space='sample'))
custom_hooks = [
    *_base_.custom_hooks,
    # Contributions by the schedule; the floor is ours.
    dict(type='TimestepSamplingHook', weights='schedule', floor=0.1),
    dict(type='TargetAugmentationHook', transforms=[dict(type='BlurTarget')]),
]
