# mmpose's top-down heatmap estimator with Stable Diffusion 1.5 in ResNet's place. All
# four maps are brought to stride 8, so one deconvolution instead of three leads to the
# heatmap's stride of 4. The decoder is the data set's codec.
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
        prompt=dict(type='NullPrompt'),
        # The head stays in float32.
        autocast=True,
    ),
    neck=dict(type='FeatureMapProcessor', concat=True),
    head=dict(
        type='HeatmapHead',
        in_channels=320 + 640 + 1280 + 1280,
        out_channels=17,
        deconv_out_channels=(256,),
        deconv_kernel_sizes=(4,),
        loss=dict(type='KeypointMSELoss', use_target_weight=True),
    ),
    test_cfg=dict(flip_test=True, flip_mode='heatmap', shift_heatmap=False),
)
