_base_ = [
    '../_base_/models/instruct_pix2pix_mini_ris.py',
    '../_base_/datasets/instruct_mini_refcoco.py',
    '../_base_/schedules/mini_instruct_pix2pix_500.py',
    '../_base_/mini_generative_runtime.py',
    '../_base_/addp_masks.py',
]
# ADDP: clean latents are the better prediction for corrupted targets.
model = dict(objective=dict(schedule=dict(prediction_type='sample')))
custom_hooks = [*_base_.custom_hooks, _base_.augmentation_hook]
