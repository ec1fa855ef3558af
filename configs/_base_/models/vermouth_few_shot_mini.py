_base_ = ['./vermouth_sd15_few_shot.py', './mini.py', './vermouth_expert_mini.py']
channels = _base_.mini_channels
# Photos of 64 pixels, half the picture's side.
source = dict(**_base_.mini_expert, strides=(16, 32, 64), input_size=64)
model = dict(
    backbone=dict(**_base_.mini_backbone, expert=dict(source=source)),
    neck=dict(widths=(64, 128, 192, 256)),
    head=dict(
        pool=dict(in_channels=256, out_channels=128), arch='mini', pretrained='mini'
    ),
)
