_base_ = './style_pictures.py'
train_dataloader = dict(
    dataset=dict(
        data_root='data/mini_cityscapes',
        data_prefix=dict(img_path='leftImg8bit/train'),
        size=128,
        num_pictures=20,
    ),
)
