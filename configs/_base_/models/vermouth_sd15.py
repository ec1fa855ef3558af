_base_ = './sd15.py'
# What Vermouth's models of few-shot classification and of segmentation share: captions,
# noisy latents, ResNet-18 as expert; of the UNet its norms train.
model = dict(
    backbone=dict(
        prompt=dict(type='TextPrompt', num_tokens=77),
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
        ),
    ),
)
