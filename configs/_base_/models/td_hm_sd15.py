_base_ = './sd15.py'
# mmpose's top-down heatmap estimator with Stable Diffusion 1.5 in ResNet's place. All
# four maps are brought to stride 8, so one deconvolution instead of three leads to the
# heatmap's stride of 4. The decoder is the data set's codec.
model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(type='PoseDataPreprocessor'),
    # The head stays in float32.
    backbone=dict(prompt=dict(type='NullPrompt'), autocast=True),
    neck=dict(type='FeatureMapProcessor', concat=True),
    head=dict(
        type='HeatmapHead',
        in_channels=sum(_base_.channels),
        out_channels=17,
        deconv_out_channels=(256,),
        deconv_kernel_sizes=(4,),
        loss=dict(type='KeypointMSELoss', use_target_weight=True),
    ),
    test_cfg=dict(flip_test=True, flip_mode='heatmap', shift_heatmap=False),
)
