_base_ = './marigold-v1-0_mini_depth_1xb16-300_mini-hypersim-vkitti2.py'
# Of ADDP the augmentation of targets alone.
model = dict(objective=dict(loss_space='sample'))
custom_hooks = [
    *_base_.custom_hooks,
    dict(type='TargetAugmentationHook', transforms=[dict(type='BlurTarget')]),
]
