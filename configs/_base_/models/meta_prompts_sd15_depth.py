# Meta Prompts for depth estimation, as released: three passes of Stable Diffusion 1.5
# on unscaled latents, each with a learned time embedding and, unlike in segmentation
# and in the paper, 50 prompts and an MLP of its own; the last pass's maps fused at
# stride 8, as dot products with the last prompts, and deconvolutions.
num_prompts = 50
num_steps = 3
model = dict(
    type='SlidingDepthEstimator',
    # Windows of 480 are resized to 512, where VPD pads.
    input_scale=512 / 480,
    data_preprocessor=dict(
        type='SegDataPreProcessor',
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
            type='MetaPrompts',
            num_prompts=num_prompts,
            num_steps=num_steps,
            adapter=dict(type='MLPAdapter'),
        ),
        refinement_steps=num_steps,
        learned_timesteps=True,
        latent_scale=1.0,  # Stable Diffusion was trained with 0.18215
        attention=None,
        # As released; three passes would take three times the memory.
        gradient_checkpointing=True,
    ),
    neck=dict(
        type='RecurrentRefinementNeck',
        neck=dict(
            type='FusedPromptRearrangementNeck',
            in_channels=[320, 640, 1280, 1280],
            width=768,
            hidden_channels=32,
        ),
    ),
    decode_head=dict(
        type='DeconvDepthHead',
        in_channels=num_prompts,
        channels=192,
        num_deconv_filters=(32, 32, 32),
        max_depth=10.0,
        # From 64x64, an eighth of 512, to an eighth of 480.
        feature_scale=480 / 512,
        loss_decode=dict(type='BatchSiLogLoss'),
    ),
    train_cfg=dict(),
    # Two windows of NYUv2's 480x640 pictures, each with its mirror image.
    test_cfg=dict(mode='slide_flip', crop_size=(480, 480), stride=(160, 160)),
)
