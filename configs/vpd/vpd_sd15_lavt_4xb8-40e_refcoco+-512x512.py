_base_ = [
    '../_base_/models/vpd_sd15_lavt.py',
    '../_base_/datasets/refcoco+.py',
    '../_base_/schedules/vpd_lavt_40e.py',
    '../_base_/epoch_runtime.py',
]
