# Meta Prompts for pose estimation: no code is released, and the paper says that it is
# mmpose's top-down estimator with 150 prompts. Prompts, passes and rearrangement are
# those of the released segmentation, whose number of prompts it shares. The rest is
# ours: the finest rearranged map has the heatmap's stride of 4 already, so the head
# needs no deconvolution. The decoder is the data set's codec.
num_prompts = 150
model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor',
        # RGB in [-1, 1]
        mean=[127.5, 127.5, 127.5],
        std=[127.5, 127.5, 127.5],
        bgr_to_rgb=True,
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
        gradient_checkpointing=True,
        # The head stays in float32.
        autocast=True,
    ),
    neck=dict(
        type='RecurrentRefinementNeck',
        neck=dict(
            type='PromptRearrangementNeck',
            in_channels=[320, 640, 1280, 1280],
            width=768,
            neck=dict(type='FeatureMapProcessor', concat=True),
        ),
    ),
    head=dict(
        type='HeatmapHead',
        in_channels=4 * num_prompts,
        out_channels=17,
        deconv_out_channels=None,
        deconv_kernel_sizes=None,
        conv_out_channels=(256,),
        conv_kernel_sizes=(3,),
        loss=dict(type='KeypointMSELoss', use_target_weight=True),
    ),
    test_cfg=dict(flip_test=True, flip_mode='heatmap', shift_heatmap=False),
)
