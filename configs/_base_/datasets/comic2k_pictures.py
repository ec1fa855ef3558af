_base_ = './style_pictures.py'
train_dataloader = dict(
    dataset=dict(
        data_root='data/cross-domain-detection/datasets',
        data_prefix=dict(img_path='comic/JPEGImages'),
        ann_file='comic/ImageSets/Main/train.txt',
    ),
)
