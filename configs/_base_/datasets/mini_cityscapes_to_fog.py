_base_ = './mini_cityscapes_to_dark_zurich.py'
# The validation scenes of Cityscapes' layout, drawn in fog.
target_captions = dict(
    _base_.target_captions, parts=2, ann_file='data/mini_captions/fog.json'
)
test_pipeline = [*_base_.test_pipeline[:-2], target_captions, _base_.pack]
val_dataloader = dict(
    dataset=dict(
        type='CityscapesDataset',
        data_root='data/mini_cityscapes_fog',
        data_prefix=dict(img_path='leftImg8bit/val', seg_map_path='gtFine/val'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
