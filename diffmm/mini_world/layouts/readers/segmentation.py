"""Data sets with a class for every pixel."""

from __future__ import annotations

from collections.abc import Mapping

from ..reader import (
    SEG_PIPELINE,
    VOC_PIPELINE,
    WIDE_PIPELINE,
    Part,
    Reader,
    parts_by_folder,
    parts_by_list,
)

_NIGHT, _COARSE = 'night/GOPR0356', 'gtCoarse_daytime_trainvaltest/test/night'


def _segmentation(kind: str, parts: Mapping[str, Part], **more: object) -> Reader:
    return Reader(dict(type=kind, pipeline=SEG_PIPELINE, **more), parts)


SEGMENTATION: dict[str, Reader] = {
    'ade20k': _segmentation(
        'mmseg.ADE20KDataset',
        parts_by_folder(
            'images/{}',
            'annotations/{}',
            train=('training', 20210),
            val=('validation', 2000),
        ),
    ),
    'cityscapes': _segmentation(
        'mmseg.CityscapesDataset',
        parts_by_folder(
            'leftImg8bit/{}', 'gtFine/{}', train=('train', 2975), val=('val', 500)
        ),
    ),
    'mapillary': _segmentation(
        'mmseg.MapillaryDataset_v1',
        parts_by_folder(
            '{}/images',
            '{}/v1.2/labels',
            train=('training', 18000),
            val=('validation', 2000),
        ),
    ),
    'dark_zurich': _segmentation(
        'mmseg.DarkZurichDataset',
        parts_by_folder('rgb_anon/val/{}', 'gt/val/{}', val=(_NIGHT, 50)),
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
        parts_by_list(
            'VOC2012/ImageSets/Segmentation/{}.txt',
            train=('train', 1464),
            val=('val', 1449),
        ),
    ),
    'coco_stuff': _segmentation(
        'mmseg.COCOStuffDataset',
        parts_by_folder(
            'images/{}',
            'annotations/{}',
            train=('train2017', 118287),
            val=('val2017', 5000),
        ),
    ),
    'pascal_context59': _segmentation(
        'mmseg.PascalContextDataset59',
        parts_by_list(
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
        parts_by_folder(
            'images/{}',
            'annotations_ctx459/{}',
            train=('training', 4996),
            val=('validation', 5104),
        ),
    ),
    'ade847': Reader(
        dict(type='ADE20KFullDataset', pipeline=WIDE_PIPELINE),
        parts_by_folder(
            'images_detectron2/{}',
            'annotations_detectron2/{}',
            train=('training', 25574),
            val=('validation', 2000),
        ),
    ),
}
