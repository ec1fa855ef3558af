_base_ = [
    '../_base_/models/vermouth_sd15_text_fpn.py',
    '../_base_/datasets/ade20k_blip.py',
    '../_base_/schedules/vermouth_8k.py',
    '../_base_/open_vocabulary_runtime.py',
]
model = dict(decode_head=dict(num_classes=150, dataset='ADE20KDataset'))
