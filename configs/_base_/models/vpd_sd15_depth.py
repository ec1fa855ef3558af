# VPD for depth estimation, as released: one pass of Stable Diffusion 1.5 at t = 1 on
# unscaled latents, the name of the scene as the only token of the prompt, no attention
# maps, and mmsegmentation's VPD head, which is the released neck and decoder.
model = dict(
    type='SlidingDepthEstimator',
    data_preprocessor=dict(
        type='TextSegDataPreProcessor',
        text_key='scene',
        # RGB in [-1, 1]
        mean=[127.5, 127.5, 127.5],
        std=[127.5, 127.5, 127.5],
        bgr_to_rgb=True,
        pad_val=0,
        seg_pad_val=0,  # unknown depth
        size=(480, 480),
    ),
    backbone=dict(
        type='StableDiffusionBackbone',
        arch='sd15',
        pretrained='stable-diffusion-v1-5/stable-diffusion-v1-5',
        prompt=dict(
            type='SceneNamePrompt',
            dataset='NYUDepthListDataset',
            template='imagenet',
            unknown='error',
            adapter=dict(type='TextAdapter', gamma=1e-4),
        ),
        timestep=1,  # the paper says 0
        latent_scale=1.0,  # Stable Diffusion was trained with 0.18215
        attention=None,
        # Windows of 480 stand on a canvas of 512; the head crops its own map, below.
        crop_padding=False,
    ),
    decode_head=dict(
        type='VPDDepthHead',
        in_channels=[320, 640, 1280, 1280],
        embed_dim=192,
        feature_dim=1536,
        num_deconv_filters=(32, 32, 32),
        max_depth=10.0,
        # The last row and column of the 16x16 map are canvas: 15x15 is 480.
        fmap_border=(1, 1),
        loss_decode=dict(type='BatchSiLogLoss'),
        # The host starts the last layers like the neck; released: like the decoder.
        init_cfg=dict(
            type='TruncNormal',
            std=0.02,
            layer=['Conv2d', 'Linear'],
            override=dict(type='Normal', name='depth_pred_layer', std=0.001),
        ),
    ),
    train_cfg=dict(),
    # Two windows of NYUv2's 480x640 pictures, each with its mirror image.
    test_cfg=dict(mode='slide_flip', crop_size=(480, 480), stride=(160, 160)),
)
