_base_ = './style_pictures.py'
train_dataloader = dict(
    dataset=dict(
        data_root='data/watercolor',
        data_prefix=dict(img_path='JPEGImages'),
        ann_file='ImageSets/Main/train.txt',
    ),
)
