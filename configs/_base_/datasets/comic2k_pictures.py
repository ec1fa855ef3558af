_base_ = './style_pictures.py'
train_dataloader = dict(
    dataset=dict(
        data_root='data/comic',
        data_prefix=dict(img_path='JPEGImages'),
        ann_file='ImageSets/Main/train.txt',
    ),
)
