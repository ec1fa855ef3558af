_base_ = './sd15.py'
# Vermouth's few-shot classification (Table 1): the stages mid and down at t = 200, maps
# of up, text features that are not projected; of the UNet its norms train.
model = dict(
    type='TextAlignedClassifier',
    data_preprocessor=dict(type='TextImgDataPreprocessor', text_key='caption'),
    backbone=dict(
        prompt=dict(type='TextPrompt', num_tokens=77),
        layers='down+mid',
        timestep=200,
        noise='ddpm',
        latent_scale=0.18215,
        attention=dict(stages=('up',), max_size=32),
        trainable='norm',
        expert=dict(
            type='AdaptedExpert',
            source=dict(
                type='TimmExpert',
                model='resnet18.tv_in1k',
                pretrained=True,
                out_indices=(2, 3, 4),
            ),
            normalize=True,
        ),
    ),
    neck=dict(type='UHead', size='tiny'),
    head=dict(
        type='CosineTextHead',
        pool=dict(type='AttentionPool', in_channels=1024, out_channels=768),
        arch='sd15',
        pretrained='stable-diffusion-v1-5/stable-diffusion-v1-5',
        projection=None,
        temperature=0.2,
    ),
)
