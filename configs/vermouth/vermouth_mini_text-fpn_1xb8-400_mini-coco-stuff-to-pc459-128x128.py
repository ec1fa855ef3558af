_base_ = [
    '../_base_/models/vermouth_text_fpn_mini.py',
    '../_base_/datasets/mini_coco_stuff_to_pc459.py',
    '../_base_/schedules/vermouth_mini_400.py',
    '../_base_/mini_open_vocabulary_runtime.py',
]
# For tests of what was trained on the layout of COCO-Stuff.
model = dict(decode_head=dict(num_classes=459, dataset='PascalContext459Dataset'))
