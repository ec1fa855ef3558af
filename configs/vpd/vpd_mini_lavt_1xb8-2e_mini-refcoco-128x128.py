_base_ = './vpd_sd15_lavt_4xb8-40e_refcoco-512x512.py'
# The same method on the mini world: other sizes, paths and schedule, nothing else.
crop_size = (128, 128)
# The longest expression of the mini world has 12 words.
num_tokens = 16
# Synchronised batch norm has no CPU version. Group norm learns slower here: it takes
# away what a text changes in all of a picture.
norm_cfg = dict(type='BN')

# Sizes
model = dict(
    data_preprocessor=dict(size=crop_size),
    # So few iterations do not get used to latents that `mini` never saw, and do not get
    # to the large weights that probabilities of 1 / 16 need.
    backbone=dict(
        arch='mini',
        pretrained='mini',
        latent_scale=0.18215,
        prompt=dict(num_tokens=num_tokens),
        attention=dict(max_size=64),
        attention_scale=100.0,
    ),
    decode_head=dict(
        in_channels=[32 + num_tokens, 64 + num_tokens, 128 + num_tokens, 128],
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

# Schedule: small weights want a larger learning rate than Stable Diffusion's, and the
# paper's tenth of it for the UNet.
_unet = dict(lr_mult=0.1)
optim_wrapper = dict(
    optimizer=dict(lr=2e-3),
    paramwise_cfg=dict(
        custom_keys={
            'backbone.unet': _unet,
            'attentions.0.norm.': _unet,
            'attentions.1.norm.': _unet,
            'attentions.2.norm.': _unet,
            'transformer_blocks.0.norm': _unet,
        }
    ),
)
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
