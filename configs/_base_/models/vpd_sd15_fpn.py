# VPD with Semantic FPN, as released: one pass of Stable Diffusion 1.5 at t = 1 on
# unscaled latents, class names as the prompt, attention maps up to 32x32 as extra
# channels.
norm_cfg = dict(type='SyncBN', requires_grad=True)
num_classes = 150
model = dict(
    type='EncoderDecoder',
    data_preprocessor=dict(
        type='SegDataPreProcessor',
        # RGB in [-1, 1]
        mean=[127.5, 127.5, 127.5],
        std=[127.5, 127.5, 127.5],
        bgr_to_rgb=True,
        pad_val=0,
        seg_pad_val=255,
        size=(512, 512),
    ),
    backbone=dict(
        type='StableDiffusionBackbone',
        arch='sd15',
        pretrained='stable-diffusion-v1-5/stable-diffusion-v1-5',
        prompt=dict(
            type='ClassNamePrompt',
            dataset='ADE20KDataset',
            template='vpd',
            adapter=dict(type='TextAdapter', gamma=1e-4),
        ),
        timestep=1,  # the paper says 0
        latent_scale=1.0,  # Stable Diffusion was trained with 0.18215
        attention=dict(stages=('down', 'up'), max_size=32, gradient=False),
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
