"""Data sets with boxes, masks, keypoints or expressions of single objects."""

from __future__ import annotations

from ..reader import (
    BOX_PIPELINE,
    MASK_PIPELINE,
    POSE_PIPELINE,
    REFER_PIPELINE,
    Part,
    Reader,
    parts_by_list,
)


def _boxes(folder: str, last: str, train: int, val: int) -> Reader:
    config = dict(
        type='mmdet.VOCDataset',
        data_prefix=dict(sub_data_root=f'{folder}/'),
        pipeline=BOX_PIPELINE,
    )
    lists = f'{folder}/ImageSets/Main/{{}}.txt'
    return Reader(config, parts_by_list(lists, train=('train', train), val=(last, val)))


OBJECTS: dict[str, Reader] = {
    'voc detection': _boxes('VOC2012', 'val', 5717, 5823),
    'watercolor': _boxes('watercolor', 'test', 1000, 1000),
    'comic': _boxes('comic', 'test', 1000, 1000),
    'coco instances': Reader(
        dict(type='mmdet.CocoDataset', pipeline=MASK_PIPELINE),
        {
            split: Part(
                dict(
                    ann_file=f'annotations/instances_{split}2017.json',
                    data_prefix=dict(img=f'{split}2017/'),
                ),
                real,
            )
            for split, real in (('train', 118287), ('val', 5000))
        },
    ),
    'coco keypoints': Reader(
        dict(type='mmpose.CocoDataset', pipeline=POSE_PIPELINE),
        {
            split: Part(
                dict(
                    ann_file=f'annotations/person_keypoints_{split}2017.json',
                    data_prefix=dict(img=f'{split}2017/'),
                ),
                real,
            )
            for split, real in (('train', 149813), ('val', 6352))
        },
        per_scene=False,
    ),
    'refcoco': Reader(
        dict(
            type='mmdet.RefCocoDataset',
            ann_file='refcoco/instances.json',
            split_file='refcoco/refs(unc).p',
            data_prefix=dict(img_path='train2014/'),
            text_mode='original',
            pipeline=REFER_PIPELINE,
        ),
        {
            split: Part(dict(split=split), real)
            for split, real in (
                ('train', 16994),
                ('val', 1500),
                ('testA', 750),
                ('testB', 750),
            )
        },
        per_scene=False,
    ),
}
