_base_ = './mini_coco_stuff.py'
# Trained on COCO-Stuff's layout, tested on the other one's, with all of its classes.
test_pipeline = _base_.test_pipeline
test_pipeline[3] = dict(
    _base_.captions, ann_file='data/mini_captions/pascal_context59.json'
)
# fmt: off
in_context = (
    'boat', 'bottle', 'building', 'car', 'chair', 'floor', 'flower', 'grass', 'light',
    'person', 'sky', 'tree', 'wall',
)
context_texts = (
    'boat', 'bottle', 'house', 'car', 'chair', 'floor', 'flower', 'grass', 'lamp',
    'person', 'sky', 'tree', 'wall',
)
# fmt: on
target = dict(
    type='PascalContextDataset59',
    data_root='data/mini_pascal_context59',
    ann_file='ImageSets/SegmentationContext/val.txt',
    data_prefix=dict(img_path='JPEGImages', seg_map_path='SegmentationClassContext'),
    metainfo=dict(classes=in_context),
    pipeline=test_pipeline,
)
val_dataloader = dict(dataset=dict(_delete_=True, **target))
test_dataloader = dict(dataset=dict(_delete_=True, **target))
