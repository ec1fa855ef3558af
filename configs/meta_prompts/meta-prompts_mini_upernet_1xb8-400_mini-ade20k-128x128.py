_base_ = './meta-prompts_sd15_upernet_8xb1-80k_ade20k-512x512.py'
# The same method on the mini world: other sizes, paths and schedule, nothing else.
# fmt: off
classes = (
    'wall', 'sky', 'floor', 'tree', 'grass', 'person', 'chair', 'car', 'house',
    'lamp', 'box', 'flower', 'boat', 'bottle', 'ball', 'clock',
)
# fmt: on
num_classes = 16
num_prompts = 32
width = 128
crop_size = (128, 128)
scale = (512, 128)
# Group norm: synchronised batch norm has no CPU version for several processes.
norm_cfg = dict(_delete_=True, type='GN', num_groups=16, requires_grad=True)

# Sizes
model = dict(
    data_preprocessor=dict(size=crop_size),
    backbone=dict(
        arch='mini',
        pretrained='mini',
        # So few iterations do not get used to latents that `mini` never saw.
        latent_scale=0.18215,
        prompt=dict(num_prompts=num_prompts),
        gradient_checkpointing=False,
    ),
    neck=dict(neck=dict(in_channels=[32, 64, 128, 128], width=width)),
    decode_head=dict(
        in_channels=[num_prompts] * 4,
        channels=64,
        num_classes=num_classes,
        norm_cfg=norm_cfg,
    ),
    auxiliary_head=dict(
        in_channels=num_prompts,
        channels=64,
        num_classes=num_classes,
        norm_cfg=norm_cfg,
    ),
    test_cfg=dict(crop_size=crop_size, stride=(85, 85)),
)

# Paths. Whole scenes: other scales and colours would need a longer schedule.
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', reduce_zero_label=True),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackSegInputs'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=scale, keep_ratio=True),
    dict(type='LoadAnnotations', reduce_zero_label=True),
    dict(type='PackSegInputs'),
]
tta_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(
        type='TestTimeAug',
        transforms=[
            [
                dict(
                    type='Resize',
                    scale=(int(512 * ratio), int(128 * ratio)),
                    keep_ratio=True,
                )
                for ratio in (1.0, 1.125, 1.25, 1.375, 1.5)
            ],
            [
                dict(type='RandomFlip', prob=0.0, direction='horizontal'),
                dict(type='RandomFlip', prob=1.0, direction='horizontal'),
            ],
            [dict(type='LoadAnnotations', reduce_zero_label=True)],
            [dict(type='PackSegInputs')],
        ],
    ),
]
dataset = dict(data_root='data/mini_ade20k', metainfo=dict(classes=classes))
train_dataloader = dict(
    batch_size=8, num_workers=2, dataset=dict(**dataset, pipeline=train_pipeline)
)
val_dataloader = dict(num_workers=2, dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader

# Schedule: short, with a larger learning rate.
optim_wrapper = dict(optimizer=dict(lr=6e-3))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6, begin=0, end=20, by_epoch=False),
    dict(type='PolyLR', power=1.0, eta_min=0.0, begin=0, end=400, by_epoch=False),
]
train_cfg = dict(max_iters=400, val_interval=200)
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=100))
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='InitialValidationHook'),
]
auto_scale_lr = dict(base_batch_size=8)
env_cfg = dict(cudnn_benchmark=False, dist_cfg=dict(backend='gloo'))
