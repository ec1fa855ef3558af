_base_ = [
    '../_base_/models/vermouth_swinv2_l_retrieval.py',
    '../_base_/datasets/quickdraw.py',
    '../_base_/schedules/vermouth_retrieval_1e.py',
    '../_base_/retrieval_runtime.py',
]
model = dict(
    head=dict(num_classes=_base_.seen_classes, class_file=_base_.class_file),
)
