_base_ = [
    '../_base_/models/vpd_sd15_lavt_77-tokens.py',
    '../_base_/datasets/g-ref.py',
    '../_base_/schedules/vpd_lavt_40e.py',
    '../_base_/epoch_runtime.py',
]
