_base_ = '../pets_classes.py'
# Queries of Oxford-IIIT Pets: the breed, answered by a color (InstructCV), and the box
# of the head. The split of the breeds is CoOp's.
breed_keys = (
    *('img_path', 'sample_idx', 'ori_shape', 'gt_label'),
    *('task', 'instruction', 'answer'),
)
head_keys = (
    *('img_path', 'img_id', 'sample_idx', 'task', 'instruction', 'query_labels'),
    *('ori_shape', 'img_shape', 'flip', 'flip_direction'),
)
pets_squash = dict(keep_ratio=False, interpolation='area')
breeds = dict(task='classification', classes=_base_.pets_classes)
heads = dict(task='detection', name='pets', classes=('cat', 'dog'))
breeds_train = dict(
    type='ClassificationSplitDataset',
    data_root='data/oxford_pets',
    ann_file='split_zhou_OxfordPets.json',
    data_prefix=dict(img_path='images'),
    part='train',
    pipeline=[
        dict(type='LoadImageFromFile'),
        dict(type='Resize', scale=(256, 256), **pets_squash),
        dict(type='RandomFlip', prob=0.5),
        # As released: half of the questions are about another breed.
        dict(type='DrawQuery', absent=0.5, **breeds),
        dict(type='PackPicture', keys=breed_keys),
    ],
)
breeds_test = dict(
    breeds_train,
    part='test',
    test_mode=True,
    pipeline=[
        dict(type='LoadImageFromFile'),
        dict(type='Resize', scale=(512, 512), **pets_squash),
        dict(type='NameTask', **breeds),
        dict(type='PackPicture', keys=('img_path', 'ori_shape', 'gt_label', 'task')),
    ],
)
heads_train = dict(
    type='mmdet.XMLDataset',
    data_root='data/oxford_pets',
    ann_file='annotations/det_train.txt',
    data_prefix=dict(sub_data_root=''),
    img_subdir='images',
    ann_subdir='annotations/xmls',
    metainfo=dict(classes=('cat', 'dog'), dataset_type='pets'),
    filter_cfg=dict(filter_empty_gt=True, min_size=32),
    pipeline=[
        dict(type='LoadImageFromFile'),
        dict(type='mmdet.LoadAnnotations', with_bbox=True),
        dict(type='mmdet.Resize', scale=(256, 256), **pets_squash),
        dict(type='mmdet.RandomFlip', prob=0.5),
        dict(type='DrawQuery', absent=0.2, **heads),
        dict(type='mmdet.PackDetInputs', meta_keys=head_keys),
    ],
)
heads_test = dict(
    heads_train,
    ann_file='annotations/det_test.txt',
    test_mode=True,
    pipeline=[
        dict(type='LoadImageFromFile'),
        dict(type='mmdet.Resize', scale=(512, 512), **pets_squash),
        dict(type='mmdet.LoadAnnotations', with_bbox=True),
        dict(type='NameTask', **heads),
        dict(type='mmdet.PackDetInputs', meta_keys=head_keys),
    ],
)
breeds_val = list(range(0, 3669, 150))
heads_val = list(range(0, 368, 15))
breeds_metric = dict(type='TopOneAccuracy')
heads_metric = dict(type='mmdet.VOCMetric', iou_thrs=[0.5], eval_mode='area')
