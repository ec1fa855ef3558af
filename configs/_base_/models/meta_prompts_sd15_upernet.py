# Meta Prompts for segmentation, as released: three passes of Stable Diffusion 1.5 on
# unscaled latents, prompted with 150 learned embeddings that all passes share, each
# pass with a learned time embedding; the last pass's maps as dot products with the
# prompts, at strides 4 to 32, and UPerNet.
norm_cfg = dict(type='SyncBN', requires_grad=True)
num_prompts = 150
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
        prompt=dict(type='MetaPrompts', num_prompts=num_prompts),
        refinement_steps=3,
        learned_timesteps=True,
        latent_scale=1.0,  # Stable Diffusion was trained with 0.18215
        attention=None,
        # As released; three passes would take three times the memory.
        gradient_checkpointing=True,
    ),
    neck=dict(
        type='RecurrentRefinementNeck',
        neck=dict(
            type='PromptRearrangementNeck',
            in_channels=[320, 640, 1280, 1280],
            width=768,
        ),
    ),
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
