_base_ = './style_pictures.py'
train_dataloader = dict(
    dataset=dict(
        data_root='data/mini_dark_zurich',
        data_prefix=dict(img_path='rgb_anon/train'),
        size=128,
        num_pictures=20,
    ),
)
