_base_ = './mini_cityscapes_night_captions.py'
target_captions = dict(
    _base_.captions, parts=3, ann_file='data/mini_captions/dark_zurich.json'
)
test_pipeline = [*_base_.test_steps, target_captions, _base_.domain, _base_.pack]
val_dataloader = dict(
    dataset=dict(
        type='DarkZurichDataset',
        data_root='data/mini_dark_zurich',
        data_prefix=dict(img_path='rgb_anon/val', seg_map_path='gt/val'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
