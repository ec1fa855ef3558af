_base_ = './faster-rcnn_sd15_fpn_8xb2-12e_coco.py'
# The same detector on the mini world: other sizes, paths and schedule, nothing else.
# The classes of the mini world that COCO has; numbers follow this order.
# fmt: off
classes = (
    'person', 'car', 'boat', 'sports ball', 'bottle', 'chair', 'potted plant', 'clock',
)
# fmt: on
scale = (128, 128)

# Sizes. Things are 12 to 80 pixels: anchors of 16 to 256, and of RoIs below 56 pixels
# the finest map.
model = dict(
    backbone=dict(
        arch='mini',
        pretrained='mini',
        # So few iterations do not get used to latents that `mini` never saw.
        latent_scale=0.18215,
        gradient_checkpointing=False,
        autocast=False,
    ),
    neck=dict(in_channels=[32, 64, 128, 128], out_channels=64),
    rpn_head=dict(in_channels=64, feat_channels=64, anchor_generator=dict(scales=[2])),
    roi_head=dict(
        bbox_roi_extractor=dict(out_channels=64, finest_scale=28),
        bbox_head=dict(in_channels=64, fc_out_channels=256, num_classes=len(classes)),
    ),
    train_cfg=dict(
        rpn_proposal=dict(nms_pre=500, max_per_img=200),
        rcnn=dict(sampler=dict(num=64)),
    ),
    test_cfg=dict(rpn=dict(nms_pre=500, max_per_img=200)),
)

# Paths
data_root = 'data/mini_coco'
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True),
    dict(type='Resize', scale=scale, keep_ratio=True),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackDetInputs'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=scale, keep_ratio=True),
    dict(
        type='PackDetInputs',
        meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor'),
    ),
]
dataset = dict(data_root=data_root, metainfo=dict(classes=classes))
train_dataloader = dict(
    batch_size=8, num_workers=2, dataset=dict(**dataset, pipeline=train_pipeline)
)
val_dataloader = dict(num_workers=2, dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(ann_file=f'{data_root}/annotations/instances_val2017.json')
test_evaluator = val_evaluator

# Schedule: short, with a larger learning rate.
optim_wrapper = dict(optimizer=dict(lr=1e-3))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=50),
    dict(
        type='CosineAnnealingLR',
        eta_min=0.0,
        begin=0,
        end=1,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
train_cfg = dict(max_epochs=1)
default_hooks = dict(logger=dict(interval=20))
auto_scale_lr = dict(base_batch_size=8)
env_cfg = dict(cudnn_benchmark=False, dist_cfg=dict(backend='gloo'))
