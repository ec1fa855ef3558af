_base_ = './cityscapes_night_captions.py'
root = 'data/dark_zurich'
target_captions = dict(
    _base_.captions,
    parts=3,
    ann_file=f'{root}/captions/dark_zurich_captions_min=0_max=77.json',
)
test_pipeline = [*_base_.test_steps, target_captions, _base_.domain, _base_.pack]
val_dataloader = dict(
    dataset=dict(
        type='DarkZurichDataset',
        data_root=root,
        data_prefix=dict(img_path='rgb_anon/val', seg_map_path='gt/val'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
