_base_ = './query_pets.py'
# Single things of the mini world take the place of breeds, persons and boats that of
# cats and dogs.
# fmt: off
thing_classes = (
    'ball', 'boat', 'bottle', 'box', 'car', 'chair', 'clock', 'flower', 'house', 'lamp',
    'person', 'tree',
)
# fmt: on
head_classes = ('person', 'boat')
breeds = dict(data_root='data/mini_coop', ann_file='split_zhou_MiniWorld.json')
heads = dict(
    data_root='data/mini_voc',
    data_prefix=dict(sub_data_root='VOC2012/'),
    img_subdir='JPEGImages',
    ann_subdir='Annotations',
    metainfo=dict(classes=head_classes, dataset_type='pets'),
)
breeds_train = dict(_base_.breeds_train, **breeds)
breeds_test = dict(_base_.breeds_test, **breeds, indices=list(range(25)))
heads_train = dict(
    _base_.heads_train, **heads, ann_file='VOC2012/ImageSets/Main/train.txt'
)
heads_test = dict(
    _base_.heads_test,
    **heads,
    ann_file='VOC2012/ImageSets/Main/val.txt',
    indices=list(range(25)),
)
breeds_train['pipeline'][1]['scale'] = (128, 128)
breeds_test['pipeline'][1]['scale'] = (128, 128)
heads_train['pipeline'][2]['scale'] = (128, 128)
heads_test['pipeline'][1]['scale'] = (128, 128)
breeds_train['pipeline'][3]['classes'] = thing_classes
breeds_test['pipeline'][2]['classes'] = thing_classes
heads_train['pipeline'][4]['classes'] = head_classes
heads_test['pipeline'][3]['classes'] = head_classes
breeds_val = heads_val = list(range(25))
