_base_ = [
    '../_base_/models/vermouth_timm_retrieval_mini.py',
    '../_base_/datasets/mini_quickdraw.py',
    '../_base_/schedules/vermouth_mini_retrieval_4e.py',
    '../_base_/mini_retrieval_runtime.py',
]
# The expert alone in the place of the other methods of Table 2.
model = dict(
    backbone=dict(pretrained=_base_.expert_file),
    head=dict(num_classes=_base_.seen_classes, class_file=_base_.class_file),
)
