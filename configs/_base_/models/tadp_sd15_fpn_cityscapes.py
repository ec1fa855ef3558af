_base_ = './tadp_sd15_fpn.py'
# TADP across domains, as released: pixels in ImageNet's statistics, not in [-1, 1].
model = dict(
    data_preprocessor=dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    decode_head=dict(num_classes=19),
)
