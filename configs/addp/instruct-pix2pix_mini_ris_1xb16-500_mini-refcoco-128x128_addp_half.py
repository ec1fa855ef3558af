_base_ = './instruct-pix2pix_mini_ris_1xb16-500_mini-refcoco-128x128_addp.py'
custom_hooks = [
    *_base_.custom_hooks[:-1],
    dict(_base_.augmentation_hook, intensity=0.5),
]
