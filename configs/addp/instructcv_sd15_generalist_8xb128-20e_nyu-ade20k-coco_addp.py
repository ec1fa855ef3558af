_base_ = [
    './instructcv_sd15_generalist_8xb128-20e_nyu-ade20k-coco.py',
    '../_base_/addp_generalist.py',
]
# ADDP: clean latents are the better prediction for corrupted targets.
model = dict(objective=dict(schedule=dict(prediction_type='sample')))
custom_hooks = [*_base_.custom_hooks, *_base_.addp_hooks]
