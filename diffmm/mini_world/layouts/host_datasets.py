"""Configs of the hosts' data sets that read the mini world.

The configs are plain dicts; only building one needs its host.
"""

from __future__ import annotations

from pathlib import Path

LOAD = dict(type='LoadImageFromFile')
SEG_PIPELINE = [
    LOAD,
    dict(type='mmseg.LoadAnnotations'),
    dict(type='mmseg.PackSegInputs'),
]
# Masks of Pascal VOC have a palette, of which OpenCV would return the colors.
VOC_PIPELINE = [
    LOAD,
    dict(type='mmseg.LoadAnnotations', imdecode_backend='pillow'),
    dict(type='mmseg.PackSegInputs'),
]
DEPTH_PIPELINE = [
    LOAD,
    dict(type='mmseg.LoadDepthAnnotation', depth_rescale_factor=1e-3),
    dict(type='mmseg.PackSegInputs', meta_keys=('img_path', 'category_id')),
]
BOX_PIPELINE = [
    LOAD,
    dict(type='mmdet.LoadAnnotations', with_bbox=True),
    dict(type='mmdet.PackDetInputs'),
]
MASK_PIPELINE = [
    LOAD,
    dict(type='mmdet.LoadAnnotations', with_bbox=True, with_mask=True),
    dict(type='mmdet.PackDetInputs'),
]
REFER_PIPELINE = [
    LOAD,
    dict(
        type='mmdet.LoadAnnotations', with_bbox=False, with_mask=True, with_label=False
    ),
    dict(type='mmdet.PackDetInputs', meta_keys=('img_path', 'text')),
]
POSE_PIPELINE = [
    dict(type='mmpose.LoadImage'),
    dict(type='mmpose.GetBBoxCenterScale', padding=1.0),
    dict(type='mmpose.PackPoseInputs'),
]


def host_datasets(root: str | Path) -> dict[str, dict]:
    """Configs of the hosts' data sets for a world of all layouts.

    Args:
        root: Folder of the world.

    Returns:
        By name: the training split if it has labels, else the test set.
    """
    root = Path(root)

    def seg(kind: str, name: str, image: str, labels: str, **more: object) -> dict:
        return dict(
            type=f'mmseg.{kind}',
            data_root=str(root / name),
            data_prefix=dict(img_path=image, seg_map_path=labels),
            **dict(dict(pipeline=SEG_PIPELINE), **more),
        )

    def boxes(name: str, folder: str) -> dict:
        return dict(
            type='mmdet.VOCDataset',
            data_root=str(root / name),
            ann_file=f'{folder}/ImageSets/Main/train.txt',
            data_prefix=dict(sub_data_root=f'{folder}/'),
            pipeline=BOX_PIPELINE,
        )

    night = 'night/GOPR0356'
    coarse = 'gtCoarse_daytime_trainvaltest/test/night'
    return {
        'ade20k': seg(
            'ADE20KDataset', 'ade20k', 'images/training', 'annotations/training'
        ),
        'cityscapes': seg(
            'CityscapesDataset', 'cityscapes', 'leftImg8bit/train', 'gtFine/train'
        ),
        'mapillary': seg(
            'MapillaryDataset_v1',
            'mapillary',
            'training/images',
            'training/v1.2/labels',
        ),
        'dark_zurich': seg(
            'DarkZurichDataset',
            'dark_zurich',
            f'rgb_anon/val/{night}',
            f'gt/val/{night}',
        ),
        'nighttime_driving': seg(
            'NightDrivingDataset',
            'nighttime_driving',
            'leftImg8bit/test/night',
            coarse,
        ),
        'voc segmentation': seg(
            'PascalVOCDataset',
            'voc',
            'VOC2012/JPEGImages',
            'VOC2012/SegmentationClass',
            ann_file='VOC2012/ImageSets/Segmentation/train.txt',
            pipeline=VOC_PIPELINE,
        ),
        'voc detection': boxes('voc', 'VOC2012'),
        'watercolor': boxes('watercolor', 'watercolor'),
        'comic': boxes('comic', 'comic'),
        'coco instances': dict(
            type='mmdet.CocoDataset',
            data_root=str(root / 'coco'),
            ann_file='annotations/instances_train2017.json',
            data_prefix=dict(img='train2017/'),
            pipeline=MASK_PIPELINE,
        ),
        'coco keypoints': dict(
            type='mmpose.CocoDataset',
            data_root=str(root / 'coco'),
            ann_file='annotations/person_keypoints_train2017.json',
            data_prefix=dict(img='train2017/'),
            pipeline=POSE_PIPELINE,
        ),
        'refcoco': dict(
            type='mmdet.RefCocoDataset',
            data_root=str(root / 'refcoco'),
            ann_file='refcoco/instances.json',
            split_file='refcoco/refs(unc).p',
            data_prefix=dict(img_path='train2014/'),
            text_mode='original',
            pipeline=REFER_PIPELINE,
        ),
        'nyu': dict(
            type='mmseg.NYUDataset',
            data_root=str(root / 'nyu'),
            data_prefix=dict(
                img_path='images/train', depth_map_path='annotations/train'
            ),
            pipeline=DEPTH_PIPELINE,
        ),
    }
