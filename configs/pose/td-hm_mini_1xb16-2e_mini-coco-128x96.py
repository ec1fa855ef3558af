_base_ = './td-hm_sd15_8xb32-210e_coco-256x192.py'
# The same estimator on the mini world: other sizes, paths and schedule, nothing else.
codec = dict(type='UDPHeatmap', input_size=(96, 128), heatmap_size=(24, 32), sigma=2.0)

# Sizes
model = dict(
    backbone=dict(
        arch='mini',
        pretrained='mini',
        # So few iterations do not get used to latents that `mini` never saw.
        latent_scale=0.18215,
        autocast=False,
    ),
    head=dict(
        in_channels=32 + 64 + 128 + 128, deconv_out_channels=(64,), decoder=codec
    ),
)

# Paths. Half bodies and turned ones would need a longer schedule. Validation takes the
# annotated boxes: the mini world has no detections.
data_root = 'data/mini_coco'
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip', direction='horizontal'),
    dict(type='TopdownAffine', input_size=codec['input_size'], use_udp=True),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=codec['input_size'], use_udp=True),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(
    batch_size=16,
    num_workers=2,
    dataset=dict(data_root=data_root, pipeline=train_pipeline),
)
val_dataloader = dict(
    num_workers=2,
    dataset=dict(data_root=data_root, pipeline=test_pipeline, bbox_file=None),
)
test_dataloader = val_dataloader
val_evaluator = dict(ann_file=f'{data_root}/annotations/person_keypoints_val2017.json')
test_evaluator = val_evaluator

# Schedule: short, with a larger learning rate.
optim_wrapper = dict(optimizer=dict(lr=2e-3))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=50),
    dict(
        type='CosineAnnealingLR',
        eta_min=0.0,
        begin=0,
        end=2,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
train_cfg = dict(max_epochs=2, val_interval=1)
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=1))
auto_scale_lr = dict(base_batch_size=16)
env_cfg = dict(cudnn_benchmark=False, dist_cfg=dict(backend='gloo'))
