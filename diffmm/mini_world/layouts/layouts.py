"""The layouts in which the mini world can be written."""

from __future__ import annotations

from .ade20k_layout import Ade20kLayout
from .cityscapes_layout import CityscapesLayout
from .coco_layout import CocoLayout
from .comic_layout import ComicLayout
from .coop_layout import CoopLayout
from .dark_zurich_layout import DarkZurichLayout
from .image_caption_layout import ImageCaptionLayout
from .kitti_layout import KittiLayout
from .layout import Layout
from .mapillary_layout import MapillaryLayout
from .nighttime_driving_layout import NighttimeDrivingLayout
from .nyu_layout import NyuLayout
from .refcoco_layout import RefCocoLayout
from .sketchy_layout import SketchyLayout
from .tu_berlin_layout import TuBerlinLayout
from .voc_layout import VocLayout
from .watercolor_layout import WatercolorLayout

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
    """Raises ValueError for a layout that does not exist."""
    choices = [*LAYOUTS, ALL_LAYOUTS]
    if name not in choices:
        raise ValueError(f'unknown layout {name!r}, choose from {sorted(choices)}')
