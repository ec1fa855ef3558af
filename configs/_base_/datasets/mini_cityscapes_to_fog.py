_base_ = './mini_cityscapes_night_captions.py'
# The validation scenes of Cityscapes' layout, drawn in fog.
target_captions = dict(_base_.captions, ann_file='data/mini_captions/fog.json')
domain = dict(_base_.domain, domain='fog')
train_pipeline = [*_base_.train_pipeline[:-2], domain, _base_.pack]
test_pipeline = [*_base_.test_steps, target_captions, domain, _base_.pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(
    dataset=dict(
        type='CityscapesDataset',
        data_root='data/mini_cityscapes_fog',
        data_prefix=dict(img_path='leftImg8bit/val', seg_map_path='gtFine/val'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
