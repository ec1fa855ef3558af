# The other methods of Vermouth's Table 2: a frozen model of timm, its pooled vector, a
# linear adapter, and the same classifier.
model = dict(
    type='TextAlignedClassifier',
    data_preprocessor=dict(
        type='ImgDataPreprocessor',
        # RGB in [-1, 1]
        mean=[127.5, 127.5, 127.5],
        std=[127.5, 127.5, 127.5],
        bgr_to_rgb=True,
    ),
    backbone=dict(type='TimmBackbone', pretrained=True),
    head=dict(
        type='CosineTextHead',
        pool=dict(type='VectorAdapter', out_channels=768, reduction=4),
        template='a photo of {}',
        arch='sd15',
        pretrained='stable-diffusion-v1-5/stable-diffusion-v1-5',
        projection='openai/clip-vit-large-patch14',
        temperature=0.2 / 4.6052,
    ),
)
