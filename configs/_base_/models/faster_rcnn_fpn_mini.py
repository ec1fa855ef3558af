_base_ = ['./faster_rcnn_sd15_fpn.py', './mini.py']
channels = _base_.mini_channels
# Things are 12 to 80 pixels: anchors of 16 to 256, and the finest map for RoIs below 56
# pixels.
model = dict(
    backbone=dict(**_base_.mini_backbone, gradient_checkpointing=False, autocast=False),
    neck=dict(in_channels=channels, out_channels=64),
    rpn_head=dict(in_channels=64, feat_channels=64, anchor_generator=dict(scales=[2])),
    roi_head=dict(
        bbox_roi_extractor=dict(out_channels=64, finest_scale=28),
        bbox_head=dict(in_channels=64, fc_out_channels=256, num_classes=8),
    ),
    train_cfg=dict(
        rpn_proposal=dict(nms_pre=500, max_per_img=200),
        rcnn=dict(sampler=dict(num=64)),
    ),
    test_cfg=dict(rpn=dict(nms_pre=500, max_per_img=200)),
)
