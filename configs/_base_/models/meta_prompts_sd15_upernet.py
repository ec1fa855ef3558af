_base_ = './meta_prompts_sd15.py'
# Meta Prompts for segmentation, as released: 150 prompts that all passes share, maps at
# strides 4 to 32, and UPerNet.
norm_cfg = dict(type='SyncBN', requires_grad=True)
num_prompts = 150
num_classes = 150
model = dict(
    type='SlidingEncoderDecoder',
    data_preprocessor=dict(
        type='SegDataPreProcessor', pad_val=0, seg_pad_val=255, size=(512, 512)
    ),
    backbone=dict(prompt=dict(num_prompts=num_prompts)),
    decode_head=dict(
        type='UPerHead',
        in_channels=[num_prompts] * 4,
        in_index=[0, 1, 2, 3],
        pool_scales=(1, 2, 3, 6),
        channels=512,
        dropout_ratio=0.0,
        num_classes=num_classes,
        norm_cfg=norm_cfg,
        align_corners=False,
        # Neither the Lovasz loss nor the auxiliary head is in the paper.
        loss_decode=[
            dict(type='CrossEntropyLoss', use_sigmoid=False, loss_weight=1.0),
            dict(type='LovaszLoss', reduction='none', loss_weight=1.0),
        ],
    ),
    auxiliary_head=dict(
        type='FCNHead',
        in_channels=num_prompts,
        in_index=2,
        channels=512,
        num_convs=1,
        concat_input=False,
        dropout_ratio=0.1,
        num_classes=num_classes,
        norm_cfg=norm_cfg,
        align_corners=False,
        loss_decode=dict(type='CrossEntropyLoss', use_sigmoid=False, loss_weight=0.4),
    ),
    train_cfg=dict(),
    test_cfg=dict(mode='slide', crop_size=(512, 512), stride=(341, 341)),
)
