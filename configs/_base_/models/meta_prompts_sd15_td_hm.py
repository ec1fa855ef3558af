_base_ = './meta_prompts_sd15.py'
# Meta Prompts for pose estimation: no code is released, and the paper says that it is
# mmpose's top-down estimator with 150 prompts. Prompts, passes and rearrangement are
# those of the released segmentation, whose number of prompts it shares. The rest is
# ours: the finest rearranged map has the heatmap's stride of 4 already, so the head
# needs no deconvolution. The decoder is the data set's codec.
num_prompts = 150
model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(type='PoseDataPreprocessor'),
    # The head stays in float32.
    backbone=dict(prompt=dict(num_prompts=num_prompts), autocast=True),
    neck=dict(neck=dict(neck=dict(type='FeatureMapProcessor', concat=True))),
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
