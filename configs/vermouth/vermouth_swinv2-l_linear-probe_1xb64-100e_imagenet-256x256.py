_base_ = [
    '../_base_/models/timm_linear_probe.py',
    '../_base_/datasets/few_shot_imagenet_plain.py',
    '../_base_/schedules/linear_probe_100e.py',
    '../_base_/classification_runtime.py',
]
# SwinV2-L, frozen, and a linear layer (Table 4).
model = dict(
    backbone=dict(
        model='swinv2_large_window12to16_192to256.ms_in22k_ft_in1k', input_size=256
    ),
    head=dict(in_channels=1536, num_classes=_base_.num_classes),
)
