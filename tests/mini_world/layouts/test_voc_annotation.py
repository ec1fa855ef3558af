from xml.etree import ElementTree

import numpy as np
from mmdet.datasets import VOCDataset
from mmseg.datasets import PascalVOCDataset

from diffmm.mini_world.classes import OBJECT_CLASSES
from diffmm.mini_world.layouts.voc_annotation import (
    DETECTION_NAMES,
    SEGMENTATION_IDS,
    annotation_xml,
    dominant_class,
    palette,
)

WITHOUT_CLASS = {'tree', 'house', 'lamp', 'clock', 'box', 'ball'}


def test_classes_are_those_of_the_hosts():
    assert set(SEGMENTATION_IDS) | WITHOUT_CLASS == set(OBJECT_CLASSES)
    assert set(DETECTION_NAMES) == set(SEGMENTATION_IDS)
    names = PascalVOCDataset.METAINFO['classes']
    for name, index in SEGMENTATION_IDS.items():
        assert names[index] == DETECTION_NAMES[name]
        assert names[index] in VOCDataset.METAINFO['classes']


def test_palette_is_that_of_voc():
    expected = PascalVOCDataset.METAINFO['palette']
    assert palette()[: len(expected)].tolist() == expected
    assert palette()[255].tolist() == [224, 224, 192]


def test_annotation_agrees_with_the_scene(render):
    flags = set()
    for index in range(16):
        rendered = render('voc', 'train', index)
        root = ElementTree.fromstring(annotation_xml(rendered, 'a.jpg', 'VOC2012'))
        assert root.findtext('filename') == 'a.jpg'
        assert root.findtext('size/width') == '96'
        shown = [
            i
            for i, item in enumerate(rendered.scene.objects)
            if item.name in DETECTION_NAMES
        ]
        nodes = root.findall('object')
        assert len(nodes) == len(shown)
        for node, i in zip(nodes, shown, strict=True):
            name = rendered.scene.objects[i].name
            assert node.findtext('name') == DETECTION_NAMES[name]
            edges = [int(child.text) for child in node.find('bndbox')]
            rows, columns = np.nonzero(rendered.visible[i])
            # Inclusive, counted from one.
            assert edges == [
                columns.min() + 1,
                rows.min() + 1,
                columns.max() + 1,
                rows.max() + 1,
            ]
            hidden = (rendered.amodal[i] & ~rendered.visible[i]).any()
            assert node.findtext('occluded') == str(int(hidden))
            rows, columns = np.nonzero(rendered.amodal[i])
            at_edge = {0, 95} & {
                columns.min(),
                columns.max(),
                rows.min(),
                rows.max(),
            }
            assert node.findtext('truncated') == str(int(bool(at_edge)))
            flags.add((hidden, bool(at_edge)))
    assert len(flags) > 2


def test_dominant_class(render):
    for index in range(12):
        rendered = render('voc', 'val', index)
        areas = {}
        for item, mask in zip(rendered.scene.objects, rendered.visible, strict=True):
            if item.name in SEGMENTATION_IDS:
                number = SEGMENTATION_IDS[item.name]
                areas[number] = areas.get(number, 0) + mask.sum()
        best = dominant_class(rendered)
        assert best == 0 if not areas else areas[best] == max(areas.values())
