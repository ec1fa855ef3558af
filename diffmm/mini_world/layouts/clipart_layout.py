"""The mini world in the layouts of Watercolor2k and Comic2k."""

from __future__ import annotations

from typing import ClassVar

from ..drawing.rendered_scene import RenderedScene
from .caption_file import caption_file, caption_record
from .encoding import jpeg, lines
from .layout import Layout
from .scene_files import SceneFiles
from .voc_annotation import annotation_xml

LISTS = {'train': 'train', 'val': 'test'}
FIRST_ID = {'train': 1, 'val': 10_000_001}


class ClipartLayout(Layout):
    """Boxes in VOC's form on pictures of another style.

    Read by mmdetection's ``VOCDataset``. The original sets annotate six classes, of
    which the mini world has car and person; here all classes of VOC that occur are
    annotated, and a reader with the six classes skips the others. The validation
    scenes are the test set.
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
