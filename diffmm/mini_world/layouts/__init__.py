"""Layouts: the folders and files of real data sets."""

from __future__ import annotations

from .captions import ImageCaptionLayout
from .coco import CocoLayout
from .depth import KittiLayout, NyuLayout
from .layout import Layout
from .objects import CoopLayout, SketchyLayout, TuBerlinLayout
from .refcoco import RefCocoLayout
from .segmentation import (
    Ade20kLayout,
    CityscapesLayout,
    DarkZurichLayout,
    MapillaryLayout,
    NighttimeDrivingLayout,
)
from .voc import ComicLayout, VocLayout, WatercolorLayout

LAYOUTS: dict[str, type[Layout]] = {
    'ade20k': Ade20kLayout,
    'cityscapes': CityscapesLayout,
    'mapillary': MapillaryLayout,
    'dark_zurich': DarkZurichLayout,
    'nighttime_driving': NighttimeDrivingLayout,
    'coco': CocoLayout,
    'voc': VocLayout,
    'watercolor': WatercolorLayout,
    'comic': ComicLayout,
    'refcoco': RefCocoLayout,
    'nyu': NyuLayout,
    'kitti': KittiLayout,
    'sketchy': SketchyLayout,
    'tu_berlin': TuBerlinLayout,
    'coop': CoopLayout,
    'image_caption': ImageCaptionLayout,
}
# Every layout, each in the folder of its name.
ALL_LAYOUTS = 'all'


def check_layout(name: str) -> None:
    """Checks the name of a layout.

    Raises:
        ValueError: There is no such layout.
    """
    choices = [*LAYOUTS, ALL_LAYOUTS]
    if name not in choices:
        raise ValueError(f'unknown layout {name!r}, choose from {sorted(choices)}')
