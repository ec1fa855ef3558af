_base_ = [
    '../_base_/models/vermouth_text_fpn_mini.py',
    '../_base_/datasets/mini_ade20k_captions.py',
    '../_base_/schedules/vermouth_mini_400.py',
    '../_base_/mini_open_vocabulary_runtime.py',
]
model = dict(decode_head=dict(num_classes=16, classes=_base_.classes))
