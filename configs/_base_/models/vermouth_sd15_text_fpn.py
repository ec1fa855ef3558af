_base_ = './vermouth_sd15.py'
# Vermouth's segmentation (Table 1): the stages mid and up at t = 10, maps of up, text
# features that are not projected; of the UNet its norms train. The paper has no more,
# and the released code has no config: one in its history has a temperature of 0.02, a
# ResNet-18 as expert and 256 channels in every level of the U-head.
norm_cfg = dict(type='SyncBN', requires_grad=True)
model = dict(
    type='OpenVocabularySegmentor',
    data_preprocessor=dict(
        type='TextSegDataPreProcessor',
        text_key='caption',
        pad_val=0,
        seg_pad_val=255,
        size=(512, 512),
    ),
    backbone=dict(layers='mid+up', timestep=10, expert=dict(normalize=False)),
    neck=dict(type='UHead', flow='up', widths=[256] * 4),
    decode_head=dict(
        type='TextFPNHead',
        in_channels=[256] * 4,
        in_index=[0, 1, 2, 3],
        # Nominal: the maps' real strides are 8 to 64, so the logits have stride 8.
        feature_strides=[4, 8, 16, 32],
        channels=256,
        dropout_ratio=0.1,
        norm_cfg=norm_cfg,
        align_corners=False,
        template='scene',
        arch='sd15',
        pretrained='stable-diffusion-v1-5/stable-diffusion-v1-5',
        projection=None,
        temperature=0.02,
        loss_decode=dict(type='CrossEntropyLoss', use_sigmoid=False, loss_weight=1.0),
    ),
    train_cfg=dict(),
    # Not stated; as VPD.
    test_cfg=dict(mode='slide', crop_size=(512, 512), stride=(341, 341)),
)
