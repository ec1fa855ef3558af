# The baselines of few-shot classification: a frozen model of timm and a linear layer.
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
    head=dict(type='LinearHead'),
)
