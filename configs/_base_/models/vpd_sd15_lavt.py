# VPD for referring segmentation, as released: one pass of Stable Diffusion 1.5 at t = 1
# on unscaled latents, all tokens of the expression as the prompt, attention maps up to
# 32x32 as extra channels, one a token, and LAVT's mask decoder.
norm_cfg = dict(type='SyncBN', requires_grad=True)
num_tokens = 40
model = dict(
    type='ReferringSegmentor',
    data_preprocessor=dict(
        type='TextSegDataPreProcessor',
        text_key='expression',
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
            type='ExpressionPrompt',
            num_tokens=num_tokens,
            adapter=dict(type='TextAdapter', gamma=1e-4),
        ),
        timestep=1,  # the paper says 0
        latent_scale=1.0,  # Stable Diffusion was trained with 0.18215
        attention=dict(stages=('down', 'up'), max_size=32, gradient=False),
    ),
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
