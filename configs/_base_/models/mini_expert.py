# ResNet-18 of timm from random weights, for the minis of Vermouth.
model = dict(
    type='TimmPictureClassifier',
    model='resnet18',
    num_classes=9,
    data_preprocessor=dict(
        type='ImgDataPreprocessor',
        mean=[127.5, 127.5, 127.5],
        std=[127.5, 127.5, 127.5],
        bgr_to_rgb=True,
    ),
)
