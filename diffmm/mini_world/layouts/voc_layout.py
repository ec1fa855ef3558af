"""The mini world in the layout of Pascal VOC 2012."""

from __future__ import annotations

import numpy as np

from ..drawing.rendered_scene import RenderedScene
from .caption_file import caption_file, caption_record
from .encoding import jpeg, lines, palette_png
from .label_map import label_map
from .layout import Layout
from .scene_files import SceneFiles
from .voc_annotation import (
    SEGMENTATION_IDS,
    annotation_xml,
    dominant_class,
    palette,
)

YEARS = {'train': '2008', 'val': '2010'}


class VocLayout(Layout):
    """``VOC2012`` with masks of classes and objects, boxes and split lists.

    Read by mmsegmentation's ``PascalVOCDataset`` and mmdetection's ``VOCDataset``.
    Every pixel of a mask has a class: VOC's unlabelled outlines (255) do not occur.
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
        colours = palette()
        xml = annotation_xml(rendered, f'{name}.jpg', 'VOC2012')
        files = {
            f'SegmentationClass/{name}.png': palette_png(classes, colours),
            f'SegmentationObject/{name}.png': palette_png(objects, colours),
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
