"""Layouts in the form of Pascal VOC: VOC 2012, Watercolor2k, Comic2k."""

from __future__ import annotations

from typing import ClassVar
from xml.etree import ElementTree

import numpy as np

from ..drawing.rendered_scene import RenderedScene
from .captions import caption_file, caption_record
from .encoding import jpeg, label_map, lines, palette_png
from .layout import Layout, SceneFiles

# Index in VOC's masks and name in its annotations. VOC has no class for the other
# objects; they belong to the background.
SEGMENTATION_IDS = {
    'boat': 4,
    'bottle': 5,
    'car': 7,
    'chair': 9,
    'person': 15,
    'flower': 16,
}
DETECTION_NAMES = {
    'boat': 'boat',
    'bottle': 'bottle',
    'car': 'car',
    'chair': 'chair',
    'person': 'person',
    'flower': 'pottedplant',
}
YEARS = {'train': '2008', 'val': '2010'}
# Of the two sets in another style.
LISTS = {'train': 'train', 'val': 'test'}
FIRST_ID = {'train': 1, 'val': 10_000_001}


def palette() -> np.ndarray:
    """Makes VOC's colors, ``(256, 3)`` uint8: bits of the index, spread over RGB."""
    index = np.arange(256)[:, None]
    colors = np.zeros((256, 3), int)
    for bit in range(8):
        colors |= ((index >> (3 * bit + np.arange(3))) & 1) << (7 - bit)
    return colors.astype(np.uint8)


def dominant_class(rendered: RenderedScene) -> int:
    """Finds the VOC index of the class that covers most pixels, 0 if there is none."""
    areas = np.zeros(256, int)
    for item, mask in zip(rendered.scene.objects, rendered.visible, strict=True):
        areas[SEGMENTATION_IDS.get(item.name, 0)] += int(mask.sum())
    return int(areas[1:].argmax()) + 1 if areas[1:].any() else 0


def annotation_xml(rendered: RenderedScene, name: str, folder: str) -> bytes:
    """Writes the annotation file of a picture.

    Boxes are inclusive and count pixels from one, as in VOC. ``truncated`` is an object
    that reaches the edge of the picture, ``occluded`` one that another partly hides.

    Args:
        rendered: The scene.
        name: File name of the picture.
        folder: Name of the data set.
    """
    root = ElementTree.Element('annotation')
    _append(root, folder=folder, filename=name)
    _append(ElementTree.SubElement(root, 'source'), database='mini world')
    height, width = rendered.image.shape[:2]
    _append(ElementTree.SubElement(root, 'size'), width=width, height=height, depth=3)
    _append(root, segmented=1)
    visible, boxes = rendered.visible, rendered.boxes
    for index, item in enumerate(rendered.scene.objects):
        area = int(visible[index].sum())
        if item.name not in DETECTION_NAMES or not area:
            continue
        left, top, right, bottom = (round(float(value)) for value in boxes[index])
        node = ElementTree.SubElement(root, 'object')
        _append(
            node,
            name=DETECTION_NAMES[item.name],
            pose='Unspecified',
            truncated=int(_touches_edge(rendered.amodal[index])),
            occluded=int(area < int(rendered.amodal[index].sum())),
            difficult=0,
        )
        box = ElementTree.SubElement(node, 'bndbox')
        _append(box, xmin=left + 1, ymin=top + 1, xmax=right, ymax=bottom)
    ElementTree.indent(root)
    return ElementTree.tostring(root) + b'\n'


def _touches_edge(mask: np.ndarray) -> bool:
    edges = mask[0], mask[-1], mask[:, 0], mask[:, -1]
    return any(edge.any() for edge in edges)


def _append(node: ElementTree.Element, **values: object) -> None:
    for key, value in values.items():
        ElementTree.SubElement(node, key).text = str(value)


class VocLayout(Layout):
    """``VOC2012`` with masks of classes and objects, boxes and split lists.

    Read by mmsegmentation's ``PascalVOCDataset`` and mmdetection's ``VOCDataset``.
    Every pixel of a mask has a class: VOC's unlabeled outlines (255) do not occur.
    """

    top_entries = ('VOC2012', 'captions')

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture, two masks and the boxes."""
        name = f'{YEARS[split]}_{index:06d}'
        classes = label_map(rendered, SEGMENTATION_IDS, 0)
        objects = (rendered.instances + 1).astype(np.uint8)
        objects[classes == 0] = 0
        colors = palette()
        xml = annotation_xml(rendered, f'{name}.jpg', 'VOC2012')
        files = {
            f'SegmentationClass/{name}.png': palette_png(classes, colors),
            f'SegmentationObject/{name}.png': palette_png(objects, colors),
            f'Annotations/{name}.xml': xml,
            f'JPEGImages/{name}.jpg': jpeg(self.picture(rendered)),
        }
        label = dominant_class(rendered)
        record = dict(class_label=label, **caption_record(rendered, name))
        return SceneFiles(
            {f'VOC2012/{path}': data for path, data in files.items()}, record
        )

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """Captions, and the lists of both tasks."""
        names = {
            split: [record['caption_key'] for record in rows]
            for split, rows in records.items()
        }
        names['trainval'] = names['train'] + names['val']
        files = {'captions/pascal_captions.json': caption_file(records)}
        for task in ('Segmentation', 'Main'):
            for split, rows in names.items():
                files[f'VOC2012/ImageSets/{task}/{split}.txt'] = lines(rows)
        return files


class ClipartLayout(Layout):
    """Boxes in VOC's form on pictures of another style.

    Read by mmdetection's ``VOCDataset``. The original sets annotate six classes, of
    which the mini world has car and person. Here all classes of VOC that occur are
    annotated; a reader with the six classes skips the others. The validation scenes are
    the test set.
    """

    folder: ClassVar[str]
    """Folder of the data set; the caption file is named after it."""

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture and boxes."""
        name = str(FIRST_ID[split] + index)
        xml = annotation_xml(rendered, f'{name}.jpg', self.folder)
        files = {
            f'{self.folder}/Annotations/{name}.xml': xml,
            f'{self.folder}/JPEGImages/{name}.jpg': jpeg(self.picture(rendered)),
        }
        return SceneFiles(files, caption_record(rendered, name))

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """Captions and the lists of both splits."""
        files = {f'captions/{self.folder}_captions.json': caption_file(records)}
        for split, rows in records.items():
            names = [record['caption_key'] for record in rows]
            path = f'{self.folder}/ImageSets/Main/{LISTS[split]}.txt'
            files[path] = lines(names)
        return files


class WatercolorLayout(ClipartLayout):
    """Watercolor2k."""

    folder = 'watercolor'
    top_entries = ('watercolor', 'captions')
    default_style = 'watercolor'


class ComicLayout(ClipartLayout):
    """Comic2k."""

    folder = 'comic'
    top_entries = ('comic', 'captions')
    default_style = 'comic'
