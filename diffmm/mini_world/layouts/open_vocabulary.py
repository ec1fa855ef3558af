"""Layouts of open-vocabulary segmentation: COCO-Stuff, PASCAL-Context, ADE-847."""

from __future__ import annotations

from typing import ClassVar

import cv2
import numpy as np

from ..drawing.rendered_scene import RenderedScene
from .encoding import jpeg, label_map, lines, png
from .layout import Layout, SceneFiles

# Labels of COCO-Stuff's 171 classes as mmsegmentation numbers them.
COCO_STUFF_IDS = {
    'person': 0,
    'car': 2,
    'boat': 8,
    'ball': 32,
    'bottle': 39,
    'chair': 56,
    'clock': 74,
    'box': 88,  # cardboard
    'floor': 103,  # floor-other
    'flower': 107,
    'grass': 112,
    'house': 116,
    'lamp': 118,  # light
    'sky': 145,  # sky-other
    'tree': 157,
    'wall': 161,  # wall-other
}
# Values of PASCAL-Context's maps with 59 classes; 0 is the background, box, ball and
# clock among it.
CONTEXT_59_IDS = {
    'boat': 8,
    'bottle': 10,
    'house': 11,  # building
    'car': 14,
    'chair': 17,
    'floor': 26,
    'flower': 27,
    'grass': 29,
    'lamp': 33,  # light
    'person': 37,
    'sky': 47,
    'tree': 53,
    'wall': 56,
}
# Labels of PASCAL-Context with 459 classes.
CONTEXT_459_IDS = {
    'ball': 9,
    'boat': 30,
    'bottle': 33,
    'box': 36,
    'house': 43,  # building
    'car': 58,
    'chair': 71,
    'clock': 77,
    'floor': 157,
    'flower': 158,
    'grass': 186,
    'lamp': 231,  # light
    'person': 283,
    'sky': 359,
    'tree': 419,
    'wall': 439,
}
# Labels of the full ADE20K with 847 classes.
ADE_847_IDS = {
    'wall': 0,
    'sky': 2,
    'tree': 3,
    'floor': 5,
    'person': 11,
    'grass': 12,
    'car': 14,
    'chair': 18,
    'house': 26,
    'lamp': 32,
    'box': 61,
    'boat': 70,
    'flower': 73,
    'ball': 98,
    'bottle': 128,
    'clock': 212,
}
# Of maps of 16 bits.
IGNORED = 65535

FOLDERS = {'train': 'training', 'val': 'validation'}
YEARS = {'train': '2008', 'val': '2010'}


class CocoStuffLayout(Layout):
    """COCO-Stuff 164k with the train ids that mmsegmentation's converter writes.

    Read by mmsegmentation's ``COCOStuffDataset``. Every class of the mini world is one
    of its 171 classes.
    """

    top_entries = ('images', 'annotations')

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture and class map."""
        folder, stem = f'{split}2017', f'{index + 1:012d}'
        labels = label_map(rendered, COCO_STUFF_IDS, 255)
        return SceneFiles(
            {
                f'annotations/{folder}/{stem}_labelTrainIds.png': png(labels),
                f'images/{folder}/{stem}.jpg': jpeg(self.picture(rendered)),
            }
        )


class PascalContext59Layout(Layout):
    """``VOC2010`` with PASCAL-Context's maps as mmsegmentation's converter writes them.

    Read by mmsegmentation's ``PascalContextDataset59``, which ignores the background,
    and ``PascalContextDataset``, which counts it as a class.
    """

    top_entries = ('JPEGImages', 'SegmentationClassContext', 'ImageSets')

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture and class map."""
        name = f'{YEARS[split]}_{index:06d}'
        files = {
            f'SegmentationClassContext/{name}.png': png(
                label_map(rendered, CONTEXT_59_IDS, 0)
            ),
            f'JPEGImages/{name}.jpg': jpeg(self.picture(rendered)),
        }
        return SceneFiles(files, dict(name=name))

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """The list of every split."""
        return {
            f'ImageSets/SegmentationContext/{split}.txt': lines(
                [row['name'] for row in rows]
            )
            for split, rows in records.items()
        }


class WideLabelLayout(Layout):
    """Class maps of 16 bits in TIFF files, for more classes than a byte can number.

    This is the form of MaskFormer and ODISE. Labels count from zero; 65535 is ignored.
    """

    images: ClassVar[str]
    """Folder of the pictures."""
    annotations: ClassVar[str]
    """Folder of the class maps."""
    labels: ClassVar[dict[str, int]]
    """Labels by class of the mini world."""

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture and class map."""
        folder, stem = FOLDERS[split], self.stem(split, index)
        labels = label_map(rendered, self.labels, IGNORED, np.uint16)
        return SceneFiles(
            {
                f'{self.annotations}/{folder}/{stem}.tif': tiff(labels),
                f'{self.images}/{folder}/{stem}.jpg': jpeg(self.picture(rendered)),
            }
        )

    def stem(self, split: str, index: int) -> str:
        """Name of a picture without its ending."""
        return f'{YEARS[split]}_{index:06d}'


class PascalContext459Layout(WideLabelLayout):
    """PASCAL-Context with all 459 classes, as ODISE prepares it.

    Read by `PascalContext459Dataset`.
    """

    top_entries = ('images', 'annotations_ctx459')
    images, annotations = top_entries
    labels = CONTEXT_459_IDS


class Ade847Layout(WideLabelLayout):
    """The full ADE20K with 847 classes, as MaskFormer and ODISE prepare it.

    Read by `ADE20KFullDataset`.
    """

    top_entries = ('images_detectron2', 'annotations_detectron2')
    images, annotations = top_entries
    labels = ADE_847_IDS

    def stem(self, split: str, index: int) -> str:
        """Name of a picture; numbers start at one, as in ADE20K."""
        return f'ADE_{split}_{index + 1:08d}'


def tiff(labels: np.ndarray) -> bytes:
    """Encodes a map ``(H, W)`` of uint16 as a TIFF file."""
    return cv2.imencode('.tif', labels)[1].tobytes()
