_base_ = ['./queries.py', '../mini_classes.py', '../mini_coco_classes.py']
size = (128, 128)
test_size = size
ade20k = dict(dataset='ADE20KDataset', classes=_base_.classes)
coco = dict(dataset='mmdet.CocoDataset', classes=_base_.coco_classes)
depth = dict(data_root='data/mini_nyu', expected_lines=None)
segmentation = dict(data_root='data/mini_ade20k', metainfo=dict(classes=_base_.classes))
detection = dict(data_root='data/mini_coco', metainfo=dict(classes=_base_.coco_classes))
depth_train = dict(_base_.depth_train, **depth)
# Sixteen questions about a scene.
some = list(range(50))
depth_test = dict(_base_.depth_test, **depth, indices=some)
segmentation_train = dict(_base_.segmentation_train, **segmentation)
segmentation_test = dict(_base_.segmentation_test, **segmentation, indices=some)
detection_train = dict(_base_.detection_train, **detection)
detection_test = dict(_base_.detection_test, **detection, indices=some)
depth_train['pipeline'][2]['scale'] = size
depth_test['pipeline'][1]['scale'] = size
segmentation_train['pipeline'][2]['scale'] = size
segmentation_test['pipeline'][1]['scale'] = size
detection_train['pipeline'][2]['scale'] = size
detection_test['pipeline'][1]['scale'] = size
segmentation_train['pipeline'][4].update(ade20k)
segmentation_test['pipeline'][3].update(ade20k)
detection_train['pipeline'][4].update(coco)
detection_test['pipeline'][3].update(coco)
depth_val = segmentation_val = detection_val = some
# NYUv2's crop is in pixels of its 480x640.
depth_metric = dict(_base_.depth_metric, crop_type=None)
detection_metric = dict(_base_.detection_metric, ann_file=None)
train_dataloader = dict(batch_size=16, num_workers=2)
val_dataloader = dict(num_workers=2)
test_dataloader = val_dataloader
