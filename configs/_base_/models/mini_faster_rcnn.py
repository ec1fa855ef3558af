_base_ = './mini.py'
# Sizes of the detectors. Things are 12 to 80 pixels: the finest map for RoIs below 56.
mini_faster_rcnn = dict(
    backbone=dict(**_base_.mini_backbone, gradient_checkpointing=False, autocast=False),
    neck=dict(in_channels=_base_.mini_channels, out_channels=64),
    rpn_head=dict(in_channels=64, feat_channels=64, anchor_generator=dict(scales=[2])),
    roi_head=dict(
        bbox_roi_extractor=dict(out_channels=64, finest_scale=28),
        bbox_head=dict(in_channels=64, fc_out_channels=256),
    ),
    train_cfg=dict(
        rpn_proposal=dict(nms_pre=500, max_per_img=200),
        rcnn=dict(sampler=dict(num=64)),
    ),
    test_cfg=dict(rpn=dict(nms_pre=500, max_per_img=200)),
)
