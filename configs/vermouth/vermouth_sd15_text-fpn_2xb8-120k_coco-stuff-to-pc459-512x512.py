_base_ = [
    '../_base_/models/vermouth_sd15_text_fpn.py',
    '../_base_/datasets/coco_stuff_to_pc459.py',
    '../_base_/schedules/vermouth_120k.py',
    '../_base_/open_vocabulary_runtime.py',
]
# For tests of what was trained on COCO-Stuff, with the names of the other classes.
model = dict(decode_head=dict(num_classes=459, dataset='PascalContext459Dataset'))
