_base_ = ['./vpd_sd15.py', '../prompts.py']
# VPD for depth estimation, as released: the name of the scene is the only token of the
# prompt, no attention maps, and mmsegmentation's VPD head, which is the released neck
# and decoder.
model = dict(
    type='SlidingDepthEstimator',
    data_preprocessor=dict(
        type='TextSegDataPreProcessor',
        text_key='scene',
        pad_val=0,
        seg_pad_val=0,  # unknown depth
        size=(480, 480),
    ),
    backbone=dict(
        prompt=_base_.scene_name_prompt,
        attention=None,
        # Windows of 480 stand on a canvas of 512; the head crops its own map, below.
        crop_padding=False,
    ),
    decode_head=dict(
        type='VPDDepthHead',
        in_channels=_base_.channels,
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
