_base_ = './mini_coco_stuff.py'
# Trained on COCO-Stuff's layout, tested on the other one's, with all of its classes.
test_pipeline = _base_.test_pipeline
test_pipeline[3] = dict(
    _base_.captions, ann_file='data/mini_captions/voc.json', extension=False
)
in_voc = ('boat', 'bottle', 'car', 'chair', 'person', 'pottedplant')
voc_texts = (*in_voc[:-1], 'flower')
target = dict(
    type='PascalVOCDataset',
    data_root='data/mini_voc',
    ann_file='VOC2012/ImageSets/Segmentation/val.txt',
    data_prefix=dict(
        img_path='VOC2012/JPEGImages', seg_map_path='VOC2012/SegmentationClass'
    ),
    metainfo=dict(classes=in_voc),
    pipeline=test_pipeline,
)
val_dataloader = dict(dataset=dict(_delete_=True, **target))
test_dataloader = dict(dataset=dict(_delete_=True, **target))
