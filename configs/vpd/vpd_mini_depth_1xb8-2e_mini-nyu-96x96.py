_base_ = './vpd_sd15_depth_3xb8-25e_nyu-480x480.py'
# The same method on the mini world: other sizes, paths and schedule, nothing else.
# Windows of 96 on a canvas of 128: the head drops the last row and column of a 4x4 map.
crop_size = (96, 96)

# Sizes
model = dict(
    data_preprocessor=dict(size=crop_size),
    # So few iterations do not get used to latents that `mini` never saw.
    backbone=dict(arch='mini', pretrained='mini', latent_scale=0.18215),
    decode_head=dict(
        in_channels=[32, 64, 128, 128],
        embed_dim=24,
        feature_dim=192,
        num_deconv_filters=(16, 16, 16),
    ),
    test_cfg=dict(crop_size=crop_size, stride=(32, 32)),
)

# Paths
meta_keys = (
    'img_path',
    'depth_map_path',
    'ori_shape',
    'img_shape',
    'pad_shape',
    'scale_factor',
    'flip',
    'flip_direction',
    'scene',
)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadMetricDepth', depth_rescale_factor=1e-3),
    dict(type='VerticalCutDepth', prob=0.25, width_ratio=0.75),
    dict(type='RandomFlip', prob=0.5),
    dict(type='RandomCrop', crop_size=crop_size),
    dict(type='PhotometricJitter'),
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(533, 128), keep_ratio=True),
    dict(type='LoadMetricDepth', depth_rescale_factor=1e-3),
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
dataset = dict(data_root='data/mini_nyu', expected_lines=None)
train_dataloader = dict(
    batch_size=8, num_workers=2, dataset=dict(**dataset, pipeline=train_pipeline)
)
val_dataloader = dict(num_workers=2, dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader
# NYUv2's crop is in pixels of its 480x640.
val_evaluator = dict(crop_type=None)
test_evaluator = val_evaluator

# Schedule: the paper's tenth for the UNet; a hundredth would leave it as it is.
optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys={'backbone.unet': dict(lr_mult=0.1)})
)
train_cfg = dict(max_epochs=2)
default_hooks = dict(logger=dict(interval=20))
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='InitialValidationHook'),
]
auto_scale_lr = dict(base_batch_size=8)
env_cfg = dict(cudnn_benchmark=False, dist_cfg=dict(backend='gloo'))
