_base_ = [
    '../_base_/models/vermouth_timm_retrieval.py',
    '../_base_/datasets/tu-berlin.py',
    '../_base_/schedules/vermouth_retrieval_1e.py',
    '../_base_/retrieval_runtime.py',
]
# SwinV2-L, frozen, with a linear adapter (Table 2).
model = dict(
    backbone=dict(
        model='swinv2_large_window12to16_192to256.ms_in22k_ft_in1k', input_size=256
    ),
    head=dict(
        pool=dict(in_channels=1536),
        num_classes=_base_.seen_classes,
        class_file=_base_.class_file,
    ),
)
