_base_ = './mini_cityscapes_night_captions.py'
target_captions = dict(
    _base_.captions, ann_file='data/mini_captions/nighttime_driving.json'
)
test_pipeline = [*_base_.test_steps, target_captions, _base_.domain, _base_.pack]
val_dataloader = dict(
    dataset=dict(
        type='NightDrivingDataset',
        data_root='data/mini_nighttime_driving',
        data_prefix=dict(
            img_path='leftImg8bit/test',
            seg_map_path='gtCoarse_daytime_trainvaltest/test',
        ),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
