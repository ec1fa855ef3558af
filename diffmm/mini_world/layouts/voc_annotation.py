"""Pascal VOC's description of a picture's objects."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np

from ..drawing.rendered_scene import RenderedScene

# Index in VOC's segmentation masks and name in its annotations. VOC has no class for
# the others; they belong to the background.
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


def palette() -> np.ndarray:
    """VOC's colours, ``(256, 3)`` uint8: bits of the index, spread over RGB."""
    index = np.arange(256)[:, None]
    colours = np.zeros((256, 3), int)
    for bit in range(8):
        colours |= ((index >> (3 * bit + np.arange(3))) & 1) << (7 - bit)
    return colours.astype(np.uint8)


def dominant_class(rendered: RenderedScene) -> int:
    """VOC index of the class that covers most pixels, 0 where there is none."""
    areas = np.zeros(256, int)
    for item, mask in zip(rendered.scene.objects, rendered.visible, strict=True):
        areas[SEGMENTATION_IDS.get(item.name, 0)] += int(mask.sum())
    return int(areas[1:].argmax()) + 1 if areas[1:].any() else 0


def annotation_xml(rendered: RenderedScene, name: str, folder: str) -> bytes:
    """The annotation file of a picture.

    Boxes are inclusive and count pixels from one, as in VOC. An object that reaches the
    edge of the picture is ``truncated``, one that another hides in part ``occluded``.

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
