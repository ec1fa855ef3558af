# The decoder of TADP's released segmentation of VOC, segmentation_models.pytorch's FPN:
# group norm, aligned corners, a binary focal loss of every class. The paper says cross
# entropy.
smp_neck = dict(type='LateralFPN', out_channels=256)
smp_head = dict(
    channels=128,
    dropout_ratio=0.2,
    num_classes=21,
    norm_cfg=dict(_delete_=True, type='GN', num_groups=32),
    align_corners=True,
    loss_decode=dict(_delete_=True, type='ClassFocalLoss'),
)
whole = dict(_delete_=True, mode='whole')
