_base_ = ['./voc12aug.py', '../mini_voc_classes.py']
size = (128, 128)
# Whole scenes: other scales would need a longer schedule.
train_pipeline = [_base_.train_pipeline[index] for index in (0, 1, 2, 3, 6, 7)]
train_pipeline[4].scale = size
test_pipeline = _base_.test_pipeline
test_pipeline[2].scale = size
dataset = dict(
    data_root='data/mini_voc',
    metainfo=dict(classes=_base_.classes),
    data_prefix=dict(
        img_path='VOC2012/JPEGImages', seg_map_path='VOC2012/SegmentationClass'
    ),
)
lists = 'VOC2012/ImageSets/Segmentation'
train_dataloader = dict(
    batch_size=8,
    num_workers=2,
    dataset=dict(**dataset, ann_file=f'{lists}/train.txt', pipeline=train_pipeline),
)
val_dataloader = dict(
    num_workers=2,
    dataset=dict(**dataset, ann_file=f'{lists}/val.txt', pipeline=test_pipeline),
)
test_dataloader = val_dataloader
