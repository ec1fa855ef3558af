_base_ = './vpd_sd15_lavt_4xb8-40e_refcoco-512x512.py'
# The same method on the mini world: other sizes, paths and schedule, nothing else.
crop_size = (128, 128)
num_tokens = 40
# Group norm: synchronised batch norm has no CPU version for several processes.
norm_cfg = dict(_delete_=True, type='GN', num_groups=16, requires_grad=True)

# Sizes
model = dict(
    data_preprocessor=dict(size=crop_size),
    # So few iterations do not get used to latents that `mini` never saw.
    backbone=dict(arch='mini', pretrained='mini', latent_scale=0.18215),
    decode_head=dict(
        in_channels=[32, 64 + num_tokens, 128 + num_tokens, 128],
        channels=64,
        norm_cfg=norm_cfg,
    ),
)

# Paths
meta_keys = ('img_path', 'ori_shape', 'img_shape', 'scale_factor', 'expression')
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='DrawExpression'),
    dict(type='LoadReferringMask'),
    dict(type='Resize', scale=crop_size, keep_ratio=False, backend='pillow'),
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=crop_size, keep_ratio=False, backend='pillow'),
    dict(type='LoadReferringMask'),
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
dataset = dict(data_root='data/mini_refcoco')
train_dataloader = dict(
    batch_size=8, num_workers=2, dataset=dict(**dataset, pipeline=train_pipeline)
)
val_dataloader = dict(num_workers=2, dataset=dict(**dataset, pipeline=test_pipeline))
test_dataloader = val_dataloader

# Schedule: small weights want a larger learning rate than Stable Diffusion's.
optim_wrapper = dict(optimizer=dict(lr=1e-3))
param_scheduler = [
    dict(
        type='PolyLR',
        power=0.9,
        eta_min=0.0,
        begin=0,
        end=2,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
train_cfg = dict(max_epochs=2)
default_hooks = dict(logger=dict(interval=20))
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='InitialValidationHook'),
]
auto_scale_lr = dict(base_batch_size=8)
env_cfg = dict(cudnn_benchmark=False, dist_cfg=dict(backend='gloo'))
