_base_ = [
    '../_base_/models/tadp_smp_fpn_mini.py',
    '../_base_/datasets/mini_voc12_captions.py',
    '../_base_/schedules/tadp_mini_voc_2e.py',
    '../_base_/mini_epoch_runtime.py',
]
