_base_ = './style_pictures.py'
train_dataloader = dict(
    dataset=dict(
        data_root='data/mini_watercolor',
        data_prefix=dict(img_path='watercolor/JPEGImages'),
        ann_file='watercolor/ImageSets/Main/train.txt',
        size=128,
        num_pictures=20,
    ),
)
