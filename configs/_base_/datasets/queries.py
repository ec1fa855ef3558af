_base_ = ['./loaders.py', './shape_keys.py']
# InstructCV's queries, drawn from the hosts' own data sets: depth of NYUv2, masks of
# ADE20K, boxes of COCO. As released, a picture is squashed to a square, 256 pixels in
# training and 512 in a test.
size = (256, 256)
test_size = (512, 512)
# Share of the queries about a class that the picture does not show. Released: none, and
# its evaluation asks about none, so the model need not say no; a standard test does.
absent = 0.2
meta_keys = (
    *('img_path', 'img_id', 'depth_map_path', 'seg_map_path', 'sample_idx'),
    *('task', 'instruction', 'query_labels', 'instances'),
    *_base_.shape_keys,
)
squash = dict(keep_ratio=False, interpolation='area')
pack = dict(type='PackSegInputs', meta_keys=meta_keys)
pack_boxes = dict(type='mmdet.PackDetInputs', meta_keys=meta_keys)
load_depth = dict(type='LoadMetricDepth', depth_rescale_factor=1e-3)
load_labels = dict(type='LoadAnnotations', reduce_zero_label=True)
load_boxes = dict(type='mmdet.LoadAnnotations', with_bbox=True)
# Classes of the queries.
ade20k = dict(dataset='ADE20KDataset')
coco = dict(dataset='mmdet.CocoDataset')

depth_train = dict(
    type='NYUDepthListDataset',
    data_root='data/nyu',
    scene_policy='substring',
    unknown_scene=None,
    data_prefix=dict(img_path='nyu_depth_v2/sync'),
    ann_file='filenames/nyudepthv2/train_list.txt',
    expected_lines=24231,
    pipeline=[
        dict(type='LoadImageFromFile'),
        load_depth,
        dict(type='Resize', scale=size, **squash),
        dict(type='RandomFlip', prob=0.5),
        dict(type='DrawQuery', task='depth'),
        pack,
    ],
)
segmentation_train = dict(
    type='ADE20KDataset',
    data_root='data/ade/ADEChallengeData2016',
    data_prefix=dict(img_path='images/training', seg_map_path='annotations/training'),
    pipeline=[
        dict(type='LoadImageFromFile'),
        load_labels,
        dict(type='Resize', scale=size, **squash),
        dict(type='RandomFlip', prob=0.5),
        dict(type='DrawQuery', task='segmentation', absent=absent, **ade20k),
        pack,
    ],
)
detection_train = dict(
    type='mmdet.CocoDataset',
    data_root='data/coco',
    ann_file='annotations/instances_train2017.json',
    data_prefix=dict(img='train2017/'),
    filter_cfg=dict(filter_empty_gt=True, min_size=32),
    pipeline=[
        dict(type='LoadImageFromFile'),
        load_boxes,
        dict(type='mmdet.Resize', scale=size, **squash),
        dict(type='mmdet.RandomFlip', prob=0.5),
        dict(type='DrawQuery', task='detection', absent=absent, **coco),
        pack_boxes,
    ],
)
# In a test annotations are loaded after Resize: they keep their size.
depth_test = dict(
    depth_train,
    data_prefix=dict(img_path='nyu_depth_v2/official_splits/test'),
    ann_file='filenames/nyudepthv2/test_list.txt',
    expected_lines=654,
    test_mode=True,
    pipeline=[
        dict(type='LoadImageFromFile'),
        dict(type='Resize', scale=test_size, **squash),
        load_depth,
        dict(type='NameTask', task='depth'),
        pack,
    ],
)
segmentation_test = dict(
    segmentation_train,
    data_prefix=dict(
        img_path='images/validation', seg_map_path='annotations/validation'
    ),
    test_mode=True,
    pipeline=[
        dict(type='LoadImageFromFile'),
        dict(type='Resize', scale=test_size, **squash),
        load_labels,
        dict(type='NameTask', task='segmentation', **ade20k),
        pack,
    ],
)
detection_test = dict(
    detection_train,
    ann_file='annotations/instances_val2017.json',
    data_prefix=dict(img='val2017/'),
    test_mode=True,
    pipeline=[
        dict(type='LoadImageFromFile'),
        dict(type='mmdet.Resize', scale=test_size, **squash),
        load_boxes,
        dict(type='NameTask', task='detection', **coco),
        pack_boxes,
    ],
)
# A question takes hundreds of passes, and a picture of ADE20K has 150: a validation
# takes some pictures of each, a test all.
depth_val = list(range(0, 654, 26))
segmentation_val = list(range(0, 2000, 80))
detection_val = list(range(0, 5000, 200))
depth_metric = dict(
    type='PerImageDepthMetric',
    min_depth_eval=1e-3,
    max_depth_eval=10.0,
    crop_type='nyu_crop',
)
segmentation_metric = dict(type='IoUMetric', iou_metrics=['mIoU'])
detection_metric = dict(
    type='mmdet.CocoMetric',
    ann_file='data/coco/annotations/instances_val2017.json',
    metric='bbox',
)
# Of some pictures: with a file, the others would count as missed.
detection_val_metric = dict(type='mmdet.CocoMetric', metric='bbox')
# Data sets of several tasks. mmdetection compares their metainfo, in an order that
# changes from run to run, and stops at a key that the first one has not.
together = dict(
    type='mmdet.ConcatDataset',
    ignore_keys=['palette', 'label_map', 'reduce_zero_label', 'dataset_type'],
)
train_dataloader = dict(
    batch_size=128,
    num_workers=8,
    sampler=dict(_delete_=True, type='InfiniteSampler', shuffle=True),
)
