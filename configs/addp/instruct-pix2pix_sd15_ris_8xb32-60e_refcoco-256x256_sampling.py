_base_ = [
    '../_base_/models/instruct_pix2pix_sd15_ris.py',
    '../_base_/datasets/instruct_refcoco.py',
    '../_base_/schedules/instruct_pix2pix_60e.py',
    '../_base_/instruct_pix2pix_runtime.py',
    '../_base_/addp_masks.py',
]
custom_hooks = [*_base_.custom_hooks, _base_.sampling_hook]
