_base_ = [
    '../_base_/models/vpd_lavt_mini.py',
    '../_base_/datasets/mini_refcoco.py',
    '../_base_/schedules/mini_lavt_2e.py',
    '../_base_/mini_epoch_runtime.py',
]
