"""The mini world for sketch-based image retrieval."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..classes import OBJECT_CLASSES
from ..drawing.rendered_scene import RenderedScene
from .encoding import jpeg, lines, png
from .layout import Layout
from .scene_files import SceneFiles

# One class that lives outdoors, one indoors, one anywhere.
UNSEEN = ('boat', 'clock', 'flower')
SEEN = tuple(sorted(set(OBJECT_CLASSES) - set(UNSEEN)))
# A crop shows its object well if at most a quarter of it is hidden.
MIN_VISIBLE = 0.75


class RetrievalLayout(Layout):
    """Sketches and photos of single objects, with the lists of zero-shot retrieval.

    A list has a path and a label a line, the class files a name and a label. Classes
    are split as well as scenes: ``train`` lists hold seen classes of the training
    scenes, ``test`` lists seen classes of the validation scenes, and ``zero`` lists
    the classes that training never shows, from the validation scenes. Seen and unseen
    classes are numbered separately. An object gives one sketch and one photo.
    """

    sketches: ClassVar[str]
    """Folder of the sketches."""
    photos: ClassVar[str]
    """Folder of the photos."""
    lists: ClassVar[str]
    """Folder of the lists."""
    sketch_version: ClassVar[str]
    """What the lists of sketches are called."""
    photo_version: ClassVar[str]
    """What the lists of photos are called."""

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """A sketch and a photo of every object that is well visible."""
        styled = self.styled(rendered)
        files, rows = {}, []
        for number in clear_objects(rendered):
            name = rendered.scene.objects[number].name
            part = _part(name, split)
            if part is None:
                continue
            stem = f'{name}/{split}_{index:08d}_{number}'
            label = (UNSEEN if part == 'zero' else SEEN).index(name)
            sketch, photo = f'{self.sketches}/{stem}.png', f'{self.photos}/{stem}.jpg'
            files[sketch] = png(rendered.object_sketch(number))
            files[photo] = jpeg(styled.object_crop(number))
            rows.append([part, f'{sketch} {label}', f'{photo} {label}'])
        return SceneFiles(files, dict(rows=rows))

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """Two lists a part, and the class names."""
        rows = [
            row for split in records.values() for item in split for row in item['rows']
        ]
        files = {}
        for column, version in enumerate((self.sketch_version, self.photo_version), 1):
            for part in ('train', 'test', 'zero'):
                path = f'{self.lists}/{version}_filelist_{part}.txt'
                files[path] = lines([row[column] for row in rows if row[0] == part])
        for path, names in (('cname_cid', SEEN), ('cname_cid_zero', UNSEEN)):
            entries = [f'{name} {label}' for label, name in enumerate(names)]
            files[f'{self.lists}/{path}.txt'] = lines(entries)
        return files


def clear_objects(rendered: RenderedScene) -> list[int]:
    """Numbers of the objects of which at least `MIN_VISIBLE` is seen."""
    visible = rendered.visible.sum(axis=(1, 2))
    whole = rendered.amodal.sum(axis=(1, 2))
    return np.flatnonzero((visible > 0) & (visible >= MIN_VISIBLE * whole)).tolist()


def _part(name: str, split: str) -> str | None:
    if name in UNSEEN:
        return 'zero' if split == 'val' else None
    return 'train' if split == 'train' else 'test'
