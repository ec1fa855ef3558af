_base_ = './faster_rcnn_sd15_fpn.py'
# VPD's backbone with torchvision's Faster R-CNN as TADP released it, in mmdetection's
# parts: no fifth level, an anchor size for each level, torchvision's loss of boxes and
# levels of RoIs.
num_classes = 20
loss_bbox = dict(type='SmoothL1Loss', beta=1 / 9)
model = dict(
    data_preprocessor=dict(
        # ImageNet's statistics, though the image encoder was trained with [-1, 1].
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
    ),
    backbone=dict(
        prompt=dict(
            type='ClassNamePrompt',
            template='imagenet',
            adapter=dict(type='TextAdapter', gamma=1e-4),
        ),
        timestep=1,  # the paper says 0
        latent_scale=1.0,  # the scripts; the released demo scales by 0.18215
        attention=dict(stages=('down', 'up'), max_size=32, gradient=False),
        gradient_checkpointing=False,
        autocast=False,
    ),
    neck=dict(
        in_channels=[320, 640 + num_classes, 1280 + num_classes, 1280], num_outs=4
    ),
    # Anchors of 32, 64, 128 and 256 pixels.
    rpn_head=dict(anchor_generator=dict(strides=[8, 16, 32, 64]), loss_bbox=loss_bbox),
    roi_head=dict(
        bbox_roi_extractor=dict(
            roi_layer=dict(sampling_ratio=2, aligned=False), finest_scale=112
        ),
        bbox_head=dict(num_classes=num_classes, loss_bbox=loss_bbox),
    ),
    train_cfg=dict(rpn_proposal=dict(max_per_img=2000)),
)
