_base_ = './coco_stuff.py'
# Trained on COCO-Stuff, tested on PASCAL-Context with 59 classes.
test_pipeline = _base_.test_pipeline
test_pipeline[3] = dict(
    _base_.captions, ann_file='data/VOCdevkit/VOC2010/captions.json'
)
target = dict(
    type='PascalContextDataset59',
    data_root='data/VOCdevkit/VOC2010',
    ann_file='ImageSets/SegmentationContext/val.txt',
    data_prefix=dict(img_path='JPEGImages', seg_map_path='SegmentationClassContext'),
    pipeline=test_pipeline,
)
val_dataloader = dict(dataset=dict(_delete_=True, **target))
test_dataloader = dict(dataset=dict(_delete_=True, **target))
