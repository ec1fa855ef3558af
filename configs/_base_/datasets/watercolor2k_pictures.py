_base_ = './style_pictures.py'
train_dataloader = dict(
    dataset=dict(
        data_root='data/cross-domain-detection/datasets',
        data_prefix=dict(img_path='watercolor/JPEGImages'),
        ann_file='watercolor/ImageSets/Main/train.txt',
    ),
)
