_base_ = './instruct-pix2pix_sd15_ris_8xb32-20e_refcoco-256x256_addp.py'
custom_hooks = [
    *_base_.custom_hooks[:-1],
    dict(_base_.augmentation_hook, intensity=0.5),
]
