_base_ = './meta_prompts_sd15.py'
# Meta Prompts for depth estimation, as released. Unlike in segmentation and in the
# paper, every pass has 50 prompts and an MLP of its own. The maps are fused at stride 8
# before the dot products, and deconvolved.
num_prompts = 50
num_steps = 3
model = dict(
    type='SlidingDepthEstimator',
    # Windows of 480 are resized to 512, where VPD pads.
    input_scale=512 / 480,
    data_preprocessor=dict(
        type='SegDataPreProcessor',
        pad_val=0,
        seg_pad_val=0,  # unknown depth
        size=(480, 480),
    ),
    backbone=dict(
        prompt=dict(
            num_prompts=num_prompts,
            num_steps=num_steps,
            adapter=dict(type='MLPAdapter'),
        ),
        refinement_steps=num_steps,
    ),
    neck=dict(neck=dict(type='FusedPromptRearrangementNeck', hidden_channels=32)),
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
