"""Layouts: the folders and files of real data sets."""

from __future__ import annotations

from .captions import ImageCaptionLayout
from .coco import CocoLayout
from .depth import KittiLayout, NyuLayout
from .layout import Layout
from .objects import (
    CoopLayout,
    QuickDrawLayout,
    Sketchy2Layout,
    SketchyLayout,
    TuBerlinLayout,
)
from .open_vocabulary import (
    Ade847Layout,
    CocoStuffLayout,
    PascalContext59Layout,
    PascalContext459Layout,
)
from .refcoco import RefCocoLayout
from .segmentation import (
    Ade20kLayout,
    CityscapesLayout,
    DarkZurichLayout,
    MapillaryLayout,
    NighttimeDrivingLayout,
)
from .voc import ComicLayout, VocLayout, WatercolorLayout
from .zero_shot_depth import (
    DiodeLayout,
    Eth3dLayout,
    HypersimLayout,
    ScanNetLayout,
    VirtualKitti2Layout,
)

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
    'hypersim': HypersimLayout,
    'vkitti2': VirtualKitti2Layout,
    'eth3d': Eth3dLayout,
    'scannet': ScanNetLayout,
    'diode': DiodeLayout,
    'coco_stuff': CocoStuffLayout,
    'pascal_context59': PascalContext59Layout,
    'pascal_context459': PascalContext459Layout,
    'ade847': Ade847Layout,
    'sketchy': SketchyLayout,
    'sketchy2': Sketchy2Layout,
    'tu_berlin': TuBerlinLayout,
    'quickdraw': QuickDrawLayout,
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
