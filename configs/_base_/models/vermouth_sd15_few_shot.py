_base_ = './vermouth_sd15.py'
# Vermouth's few-shot classification (Table 1): the stages mid and down at t = 200, maps
# of up, text features that are not projected; of the UNet its norms train.
model = dict(
    type='TextAlignedClassifier',
    data_preprocessor=dict(type='TextImgDataPreprocessor', text_key='caption'),
    backbone=dict(layers='down+mid', timestep=200, expert=dict(normalize=True)),
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
