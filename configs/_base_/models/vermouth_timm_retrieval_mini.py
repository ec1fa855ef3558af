_base_ = './vermouth_timm_retrieval.py'
# ResNet-18, trained on the mini world.
model = dict(
    backbone=dict(model='resnet18', input_size=64),
    head=dict(
        pool=dict(in_channels=512, out_channels=128),
        arch='mini',
        pretrained='mini',
        projection=None,
    ),
)
