_base_ = [
    '../_base_/models/vermouth_timm_retrieval.py',
    '../_base_/datasets/tu-berlin.py',
    '../_base_/schedules/vermouth_retrieval_1e.py',
    '../_base_/retrieval_runtime.py',
]
# MAE-L, frozen, with a linear adapter (Table 2).
model = dict(
    backbone=dict(model='vit_large_patch16_224.mae', input_size=224),
    head=dict(
        pool=dict(in_channels=1024),
        num_classes=_base_.seen_classes,
        class_file=_base_.class_file,
    ),
)
