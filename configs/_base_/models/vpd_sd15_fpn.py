_base_ = './vpd_sd15.py'
# VPD with Semantic FPN, as released. The prompt is the names of the classes, so every
# attention map has a channel for each.
norm_cfg = dict(type='SyncBN', requires_grad=True)
num_classes = 150
model = dict(
    type='SlidingEncoderDecoder',
    data_preprocessor=dict(
        type='SegDataPreProcessor', pad_val=0, seg_pad_val=255, size=(512, 512)
    ),
    backbone=dict(
        prompt=dict(type='ClassNamePrompt', dataset='ADE20KDataset', template='vpd'),
    ),
    neck=dict(
        type='FPN',
        in_channels=[320, 640 + num_classes, 1280 + num_classes, 1280],
        out_channels=256,
        num_outs=4,
    ),
    decode_head=dict(
        type='FPNHead',
        in_channels=[256, 256, 256, 256],
        in_index=[0, 1, 2, 3],
        # Nominal: the maps' real strides are 8 to 64, so the logits have stride 8.
        feature_strides=[4, 8, 16, 32],
        channels=256,
        dropout_ratio=0.1,
        num_classes=num_classes,
        norm_cfg=norm_cfg,
        align_corners=False,
        loss_decode=dict(type='CrossEntropyLoss', use_sigmoid=False, loss_weight=1.0),
    ),
    train_cfg=dict(),
    test_cfg=dict(mode='slide', crop_size=(512, 512), stride=(341, 341)),
)
