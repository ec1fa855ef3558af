_base_ = [
    '../_base_/models/timm_linear_probe.py',
    '../_base_/datasets/few_shot_imagenet_plain.py',
    '../_base_/schedules/linear_probe_100e.py',
    '../_base_/classification_runtime.py',
]
# DINO-B, frozen, and a linear layer (Table 4).
model = dict(
    backbone=dict(model='vit_base_patch16_224.dino', input_size=224),
    head=dict(in_channels=768, num_classes=_base_.num_classes),
)
