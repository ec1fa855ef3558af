_base_ = [
    './instructcv_mini_generalist_1xb16-600_mini-nyu-ade20k-coco.py',
    '../_base_/addp_generalist.py',
]
# ADDP: clean latents are the better prediction for corrupted targets.
model = dict(objective=dict(schedule=dict(prediction_type='sample')))
custom_hooks = [*_base_.custom_hooks, *_base_.addp_hooks]
