_base_ = './marigold-v1-0_sd20_depth_1xb2-30k_hypersim-vkitti2.py'
# Of ADDP the augmentation of targets alone.
model = dict(objective=dict(loss_space='sample'))
custom_hooks = [
    *_base_.custom_hooks,
    dict(type='TargetAugmentationHook', transforms=[dict(type='BlurTarget')]),
]
