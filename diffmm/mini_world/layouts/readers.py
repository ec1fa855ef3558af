"""Data sets that read the layouts: the hosts' own, and DiffMM's where no host has one.

Each knows the number of samples of the real data set.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .reader import (
    BOX_PIPELINE,
    MASK_PIPELINE,
    NYU_PIPELINE,
    PICTURE_PIPELINE,
    POSE_PIPELINE,
    REFER_PIPELINE,
    SEG_PIPELINE,
    VOC_PIPELINE,
    WIDE_PIPELINE,
    Part,
    Reader,
    depth_pipeline,
)


def _folders(image: str, labels: str, **parts: tuple[str, int]) -> dict[str, Part]:
    """Parts that differ in a folder, in the paths of pictures and of labels."""
    return {
        name: Part(
            dict(
                data_prefix=dict(
                    img_path=image.format(folder), seg_map_path=labels.format(folder)
                )
            ),
            real,
        )
        for name, (folder, real) in parts.items()
    }


def _lists(path: str, **parts: tuple[str, int | None]) -> dict[str, Part]:
    """Parts that differ in the name of a list."""
    return {
        name: Part(dict(ann_file=path.format(stem)), real)
        for name, (stem, real) in parts.items()
    }


def _segmentation(kind: str, parts: Mapping[str, Part], **more: object) -> Reader:
    return Reader(dict(type=kind, pipeline=SEG_PIPELINE, **more), parts)


def _boxes(folder: str, last: str, train: int, val: int) -> Reader:
    config = dict(
        type='mmdet.VOCDataset',
        data_prefix=dict(sub_data_root=f'{folder}/'),
        pipeline=BOX_PIPELINE,
    )
    lists = f'{folder}/ImageSets/Main/{{}}.txt'
    return Reader(config, _lists(lists, train=('train', train), val=(last, val)))


def _retrieval(
    folder: str, sketches: str, photos: str, seen: int, unseen: int, last: str = 'zero'
) -> Reader:
    """Sketches and photos: seen classes to train on, unseen ones to be tested on."""
    parts = {}
    for name, classes, count in (
        ('train', 'cname_cid', seen),
        (last, 'cname_cid_zero', unseen),
    ):
        for kind, version in (('sketches', sketches), ('photos', photos)):
            config = dict(
                ann_file=f'{folder}/{version}_filelist_{name}.txt',
                class_file=f'{folder}/{classes}.txt',
            )
            parts[f'{name} {kind}'] = Part(config, classes=count)
    config = dict(type='SketchRetrievalDataset', pipeline=PICTURE_PIPELINE)
    return Reader(config, parts, per_scene=False)


_MILLIMETERS = dict(type='LoadMetricDepth', depth_rescale_factor=1e-3)
_SKETCHY = ('sketch_tx_000000000000_ready', 'all_photo')
_NIGHT, _COARSE = 'night/GOPR0356', 'gtCoarse_daytime_trainvaltest/test/night'

READERS: dict[str, Reader] = {
    'ade20k': _segmentation(
        'mmseg.ADE20KDataset',
        _folders(
            'images/{}',
            'annotations/{}',
            train=('training', 20210),
            val=('validation', 2000),
        ),
    ),
    'cityscapes': _segmentation(
        'mmseg.CityscapesDataset',
        _folders(
            'leftImg8bit/{}', 'gtFine/{}', train=('train', 2975), val=('val', 500)
        ),
    ),
    'mapillary': _segmentation(
        'mmseg.MapillaryDataset_v1',
        _folders(
            '{}/images',
            '{}/v1.2/labels',
            train=('training', 18000),
            val=('validation', 2000),
        ),
    ),
    'dark_zurich': _segmentation(
        'mmseg.DarkZurichDataset',
        _folders('rgb_anon/val/{}', 'gt/val/{}', val=(_NIGHT, 50)),
    ),
    'nighttime_driving': _segmentation(
        'mmseg.NightDrivingDataset',
        {
            'val': Part(
                dict(
                    data_prefix=dict(
                        img_path='leftImg8bit/test/night', seg_map_path=_COARSE
                    )
                ),
                50,
            )
        },
    ),
    'voc segmentation': Reader(
        dict(
            type='mmseg.PascalVOCDataset',
            data_prefix=dict(
                img_path='VOC2012/JPEGImages', seg_map_path='VOC2012/SegmentationClass'
            ),
            pipeline=VOC_PIPELINE,
        ),
        _lists(
            'VOC2012/ImageSets/Segmentation/{}.txt',
            train=('train', 1464),
            val=('val', 1449),
        ),
    ),
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
    'nyu': Reader(
        dict(type='mmseg.NYUDataset', pipeline=NYU_PIPELINE),
        {
            split: Part(
                dict(
                    data_prefix=dict(
                        img_path=f'images/{folder}',
                        depth_map_path=f'annotations/{folder}',
                    )
                ),
                real,
            )
            for split, folder, real in (('train', 'train', 24231), ('val', 'test', 654))
        },
    ),
    'kitti': Reader(
        dict(
            type='KITTIDepthListDataset',
            pipeline=depth_pipeline(
                type='LoadMetricDepth', depth_rescale_factor=1 / 256
            ),
        ),
        _lists(
            'filenames/eigen_benchmark/{}_list.txt',
            train=('train', 23158),
            val=('test', 652),
        ),
    ),
    'hypersim': Reader(
        dict(type='HypersimDataset', pipeline=depth_pipeline(**_MILLIMETERS)),
        {
            split: Part(
                dict(
                    ann_file=f'filenames/filename_list_{split}_filtered.txt',
                    data_prefix=dict(img_path=split),
                ),
                real,
            )
            for split, real in (('train', 53885), ('val', 7370))
        },
    ),
    'vkitti2': Reader(
        dict(
            type='VirtualKITTI2Dataset',
            pipeline=depth_pipeline(type='LoadMetricDepth', depth_rescale_factor=1e-2),
        ),
        _lists('filenames/vkitti_{}.txt', train=('train', 20148), val=('val', 5364)),
    ),
    'eth3d': Reader(
        dict(type='ETH3DDataset', pipeline=depth_pipeline(type='LoadFloatDepth')),
        _lists('filenames/{}.txt', val=('eth3d_filename_list', 454)),
    ),
    'scannet': Reader(
        dict(
            type='ScanNetDepthDataset',
            data_prefix=dict(img_path='scannet_val_sampled_800_1'),
            pipeline=depth_pipeline(**_MILLIMETERS),
        ),
        _lists('filenames/{}.txt', val=('scannet_val_sampled_list_800_1', 800)),
    ),
    'diode': Reader(
        dict(
            type='DIODEDataset',
            data_prefix=dict(img_path='val'),
            pipeline=depth_pipeline(type='LoadFloatDepth'),
        ),
        _lists('filenames/{}.txt', val=('diode_val_all_filename_list', 771)),
    ),
    'coco_stuff': _segmentation(
        'mmseg.COCOStuffDataset',
        _folders(
            'images/{}',
            'annotations/{}',
            train=('train2017', 118287),
            val=('val2017', 5000),
        ),
    ),
    'pascal_context59': _segmentation(
        'mmseg.PascalContextDataset59',
        _lists(
            'ImageSets/SegmentationContext/{}.txt',
            train=('train', 4996),
            val=('val', 5104),
        ),
        data_prefix=dict(
            img_path='JPEGImages', seg_map_path='SegmentationClassContext'
        ),
    ),
    'pascal_context459': Reader(
        dict(type='PascalContext459Dataset', pipeline=WIDE_PIPELINE),
        _folders(
            'images/{}',
            'annotations_ctx459/{}',
            train=('training', 4996),
            val=('validation', 5104),
        ),
    ),
    'ade847': Reader(
        dict(type='ADE20KFullDataset', pipeline=WIDE_PIPELINE),
        _folders(
            'images_detectron2/{}',
            'annotations_detectron2/{}',
            train=('training', 25574),
            val=('validation', 2000),
        ),
    ),
    'sketchy': _retrieval('zeroshot1', *_SKETCHY, seen=100, unseen=25),
    'sketchy2': _retrieval('zeroshot2', *_SKETCHY, seen=104, unseen=21),
    'tu_berlin': _retrieval(
        'zeroshot', 'png_ready', 'ImageResized_ready', seen=220, unseen=30
    ),
    'quickdraw': _retrieval(
        'zeroshot', 'sketch', 'photo', seen=80, unseen=30, last='val'
    ),
    'coop': Reader(
        dict(
            type='ClassificationSplitDataset',
            ann_file='split_zhou_MiniWorld.json',
            data_prefix=dict(img_path='images'),
            pipeline=PICTURE_PIPELINE,
        ),
        {part: Part(dict(part=part)) for part in ('train', 'val', 'test')},
        per_scene=False,
    ),
    'image_caption': Reader(
        dict(type='ImageCaptionDataset'),
        _lists('{}_captions.jsonl', train=('train', None), val=('val', None)),
    ),
}
"""By layout; a second word tells two readers of a layout apart."""


def layout_readers(layout: str) -> dict[str, Reader]:
    """Readers of one layout, by name.

    Args:
        layout: Key of `LAYOUTS`.
    """
    return {
        name: reader for name, reader in READERS.items() if name.split()[0] == layout
    }


def dataset_configs(root: str | Path) -> dict[str, dict]:
    """Configs of the data sets that read a world of all layouts.

    Args:
        root: Folder of the world.

    Returns:
        By reader: the training split if it has labels, else the test set.
    """
    return {
        name: reader.build_config(Path(root) / name.split()[0])
        for name, reader in READERS.items()
    }
