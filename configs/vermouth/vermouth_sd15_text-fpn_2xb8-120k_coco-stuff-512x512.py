_base_ = [
    '../_base_/models/vermouth_sd15_text_fpn.py',
    '../_base_/datasets/coco_stuff.py',
    '../_base_/schedules/vermouth_120k.py',
    '../_base_/open_vocabulary_runtime.py',
]
model = dict(decode_head=dict(num_classes=171, dataset='COCOStuffDataset'))
