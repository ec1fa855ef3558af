_base_ = './style_pictures.py'
train_dataloader = dict(
    dataset=dict(
        data_root='data/dark_zurich',
        data_prefix=dict(img_path='rgb_anon/train/night'),
    ),
)
