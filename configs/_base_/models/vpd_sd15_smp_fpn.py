_base_ = ['./vpd_sd15_fpn.py', './smp_fpn.py', '../voc_names.py']
# VPD as TADP ran it on VOC: means of 80 templates through the text adapter.
num_classes = 21
model = dict(
    backbone=dict(
        prompt=dict(dataset=None, classes=_base_.voc_names, template='imagenet')
    ),
    neck=dict(
        **_base_.smp_neck,
        in_channels=[320, 640 + num_classes, 1280 + num_classes, 1280],
    ),
    decode_head=_base_.smp_head,
    test_cfg=_base_.whole,
)
