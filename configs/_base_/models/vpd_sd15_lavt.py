_base_ = './vpd_sd15.py'
# VPD for referring segmentation, as released: the prompt is all tokens of the
# expression, so every attention map has a channel for each; LAVT's mask decoder.
norm_cfg = dict(type='SyncBN', requires_grad=True)
num_tokens = 40
model = dict(
    type='ReferringSegmentor',
    data_preprocessor=dict(
        type='TextSegDataPreProcessor',
        text_key='expression',
        pad_val=0,
        seg_pad_val=255,
        size=(512, 512),
    ),
    backbone=dict(prompt=dict(type='TextPrompt', num_tokens=num_tokens)),
    decode_head=dict(
        type='LAVTHead',
        in_channels=[320, 640 + num_tokens, 1280 + num_tokens, 1280],
        channels=640,
        norm_cfg=norm_cfg,
        align_corners=True,
        # Divided by the sum of the weights, as torch's own loss is.
        loss_decode=dict(
            type='CrossEntropyLoss', class_weight=[0.9, 1.1], avg_non_ignore=True
        ),
    ),
    train_cfg=dict(),
    test_cfg=dict(mode='whole'),
)
