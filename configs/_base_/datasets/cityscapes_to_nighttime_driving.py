_base_ = './cityscapes_night_captions.py'
root = 'data/NighttimeDrivingTest'
target_captions = dict(
    _base_.captions,
    ann_file=f'{root}/captions/nighttimedriving_captions_min=0_max=77.json',
)
test_pipeline = [*_base_.test_steps, target_captions, _base_.domain, _base_.pack]
val_dataloader = dict(
    dataset=dict(
        type='NightDrivingDataset',
        data_root=root,
        data_prefix=dict(
            img_path='leftImg8bit/test',
            seg_map_path='gtCoarse_daytime_trainvaltest/test',
        ),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
