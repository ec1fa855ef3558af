_base_ = ['./coco_stuff.py', '../voc_names.py']
# Trained on COCO-Stuff, tested on Pascal VOC: 20 classes, the background is ignored.
test_pipeline = _base_.test_pipeline
test_pipeline[3] = dict(
    _base_.captions, ann_file='data/VOCdevkit/VOC2012/captions.json', extension=False
)
# fmt: off
classes = (
    'aeroplane', 'bicycle', 'bird', 'boat', 'bottle', 'bus', 'car', 'cat', 'chair',
    'cow', 'diningtable', 'dog', 'horse', 'motorbike', 'person', 'pottedplant',
    'sheep', 'sofa', 'train', 'tvmonitor',
)
# fmt: on
target = dict(
    type='PascalVOCDataset',
    data_root='data/VOCdevkit/VOC2012',
    ann_file='ImageSets/Segmentation/val.txt',
    data_prefix=dict(img_path='JPEGImages', seg_map_path='SegmentationClass'),
    metainfo=dict(classes=classes),
    pipeline=test_pipeline,
)
val_dataloader = dict(dataset=dict(_delete_=True, **target))
test_dataloader = dict(dataset=dict(_delete_=True, **target))
