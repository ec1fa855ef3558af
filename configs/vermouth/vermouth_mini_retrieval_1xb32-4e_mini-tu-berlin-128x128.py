_base_ = [
    '../_base_/models/vermouth_retrieval_mini.py',
    '../_base_/datasets/mini_tu_berlin.py',
    '../_base_/schedules/vermouth_mini_retrieval_4e.py',
    '../_base_/mini_retrieval_runtime.py',
]
model = dict(
    backbone=dict(expert=dict(source=dict(pretrained=_base_.expert_file))),
    head=dict(num_classes=_base_.seen_classes, class_file=_base_.class_file),
)
