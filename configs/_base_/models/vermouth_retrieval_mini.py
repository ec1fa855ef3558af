_base_ = ['./vermouth_sd15_retrieval.py', './mini.py']
channels = _base_.mini_channels
model = dict(
    backbone=dict(
        **_base_.mini_backbone,
        noise=dict(steps=1),
        expert=dict(
            # Trained on the mini world, without the unseen classes.
            source=dict(
                _delete_=True,
                type='TimmExpert',
                model='resnet18',
                out_indices=(2, 3, 4),
                # Of 64 pixels, half the picture's side.
                strides=(16, 32, 64),
                input_size=64,
            ),
        ),
    ),
    neck=dict(widths=(64, 128, 192, 256)),
    head=dict(
        pool=dict(in_channels=256, out_channels=128),
        arch='mini',
        pretrained='mini',
        # `mini`'s text encoder was trained without pictures: it has no projection.
        projection=None,
    ),
)
