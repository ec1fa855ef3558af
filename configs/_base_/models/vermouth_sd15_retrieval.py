_base_ = './sd15.py'
# Vermouth's zero-shot sketch retrieval (Table 1): Stable Diffusion frozen, the stages
# mid and up at t = 200, no attention maps, a tiny U-head, projected text features.
model = dict(
    type='TextAlignedClassifier',
    data_preprocessor=dict(type='TextImgDataPreprocessor', text_key='caption'),
    backbone=dict(
        prompt=dict(type='TextPrompt', num_tokens=77),
        layers='mid+up',
        timestep=200,
        # The released code makes no step for a single timestep: noise=None computes the
        # same.
        noise=dict(type='ddim_inversion', steps=10),
        latent_scale=0.18215,
        trainable='none',
        expert=dict(
            type='AdaptedExpert',
            # As released; the paper says ResNet-18.
            source=dict(
                type='TimmExpert',
                model='vit_base_patch14_dinov2.lvd142m',
                pretrained=True,
                out_indices=(2, 5, 8, 11),
                strides=(8, 16, 32, 64),
                input_size=224,
            ),
            normalize=False,
        ),
    ),
    neck=dict(type='UHead', size='tiny'),
    head=dict(
        type='CosineTextHead',
        pool=dict(type='AttentionPool', in_channels=1024, out_channels=768),
        template='a photo of {}',
        arch='sd15',
        pretrained='stable-diffusion-v1-5/stable-diffusion-v1-5',
        projection='openai/clip-vit-large-patch14',
        # Released: cosines times ln(100) over 0.2.
        temperature=0.2 / 4.6052,
    ),
)
