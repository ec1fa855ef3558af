_base_ = './style_pictures.py'
train_dataloader = dict(
    dataset=dict(
        data_root='data/mini_comic',
        data_prefix=dict(img_path='comic/JPEGImages'),
        ann_file='comic/ImageSets/Main/train.txt',
        size=128,
        num_pictures=20,
    ),
)
