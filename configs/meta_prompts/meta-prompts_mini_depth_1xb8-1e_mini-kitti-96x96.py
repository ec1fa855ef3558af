_base_ = './meta-prompts_sd15_depth_3xb8-25e_kitti-352x352.py'
# The same method on the mini world: other sizes, paths and schedule, nothing else.
# Windows of 96 are resized to 128; the last one of a row is less than a stride from the
# one before, as on KITTI.
num_prompts = 16
width = 128
kb_crop_size = (96, 128)
crop_size = (96, 96)

# Sizes
model = dict(
    input_scale=128 / 96,
    data_preprocessor=dict(size=crop_size),
    backbone=dict(
        arch='mini',
        pretrained='mini',
        # So few iterations do not get used to latents that `mini` never saw.
        latent_scale=0.18215,
        prompt=dict(num_prompts=num_prompts),
        gradient_checkpointing=False,
    ),
    neck=dict(
        neck=dict(in_channels=[32, 64, 128, 128], width=width, hidden_channels=16)
    ),
    decode_head=dict(
        in_channels=num_prompts,
        channels=24,
        num_deconv_filters=(16, 16, 16),
        feature_scale=96 / 128,
        # The released head starts at a thousandth, which a short schedule would spend
        # its time on leaving.
        init_cfg=dict(
            type='Kaiming', mode='fan_in', layer=['Conv2d', 'ConvTranspose2d']
        ),
    ),
    test_cfg=dict(crop_size=crop_size, stride=(12, 12)),
)

# Paths
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadMetricDepth', depth_rescale_factor=_base_.depth_unit),
    dict(type='KBCrop', crop_size=kb_crop_size),
    dict(
        type='VerticalCutDepth',
        prob=0.25,
        width_ratio=0.75,
        max_depth=_base_.max_depth,
    ),
    dict(type='RandomFlip', prob=0.5),
    dict(type='RandomCrop', crop_size=crop_size),
    dict(type='PhotometricJitter'),
    dict(type='PackSegInputs', meta_keys=_base_.meta_keys),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadMetricDepth', depth_rescale_factor=_base_.depth_unit),
    dict(type='KBCrop', crop_size=kb_crop_size),
    dict(type='PackSegInputs', meta_keys=_base_.meta_keys),
]
dataset = dict(data_root='data/mini_kitti', expected_lines=None)
train_dataloader = dict(
    batch_size=8, num_workers=2, dataset=dict(**dataset, pipeline=train_pipeline)
)
val_dataloader = dict(num_workers=2, dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader

# Schedule: short, with larger learning rates. A tenth for the UNet; a hundredth would
# leave it as it is.
optim_wrapper = dict(
    optimizer=dict(lr=2e-3),
    paramwise_cfg=dict(custom_keys={'backbone.unet': dict(lr_mult=0.1)}),
)
train_cfg = dict(max_epochs=1)
default_hooks = dict(logger=dict(interval=20))
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='InitialValidationHook'),
]
auto_scale_lr = dict(base_batch_size=8)
env_cfg = dict(cudnn_benchmark=False, dist_cfg=dict(backend='gloo'))
