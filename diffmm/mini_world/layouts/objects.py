"""Layouts of single objects: sketch retrieval and few-shot classification."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..classes import OBJECT_CLASSES
from ..drawing.rendered_scene import RenderedScene
from .encoding import jpeg, json_bytes, lines, png
from .layout import Layout, SceneFiles

# One class of outdoor scenes, one of indoor scenes, one of both.
UNSEEN = ('boat', 'clock', 'flower')
# Those of Sketchy's second split.
UNSEEN_2 = ('ball', 'bottle', 'house')
# Least visible share of an object that gets a photo.
MIN_VISIBLE = 0.75
# Of CoOp. Labels count the names in alphabetical order, as in most of its files.
CLASS_NAMES = tuple(sorted(OBJECT_CLASSES))
# One of this many training scenes belongs to the validation part.
VAL_PERIOD = 5


class RetrievalLayout(Layout):
    """Sketches and photos of single objects, with the lists of zero-shot retrieval.

    A line of a list is a path and a label; a line of a class file is a name and a
    label. Both classes and scenes are split: ``train`` lists hold seen classes of the
    training scenes, ``test`` lists seen classes of the validation scenes, and ``zero``
    lists unseen classes of the validation scenes. Seen and unseen classes are numbered
    separately. An object gives one sketch and one photo.
    """

    sketches: ClassVar[str]
    """Folder of the sketches."""
    photos: ClassVar[str]
    """Folder of the photos."""
    lists: ClassVar[str]
    """Folder of the lists."""
    sketch_version: ClassVar[str]
    """Name of the lists of sketches."""
    photo_version: ClassVar[str]
    """Name of the lists of photos."""
    unseen: ClassVar[tuple[str, ...]] = UNSEEN
    """Classes that no training list holds."""
    unseen_part: ClassVar[str] = 'zero'
    """Name of the lists of unseen classes."""

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Sketch and photo of every object that is well visible."""
        styled = self.styled(rendered)
        files, rows = {}, []
        for number in clear_objects(rendered):
            name = rendered.scene.objects[number].name
            part = self._part(name, split)
            if part is None:
                continue
            stem = f'{name}/{split}_{index:08d}_{number}'
            label = (self.unseen if name in self.unseen else self.seen()).index(name)
            sketch, photo = f'{self.sketches}/{stem}.png', f'{self.photos}/{stem}.jpg'
            files[sketch] = png(rendered.object_sketch(number))
            files[photo] = jpeg(styled.object_crop(number))
            rows.append([part, f'{sketch} {label}', f'{photo} {label}'])
        return SceneFiles(files, dict(rows=rows))

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """Two lists per part, and the class names."""
        rows = [
            row for split in records.values() for item in split for row in item['rows']
        ]
        files = {}
        for column, version in enumerate((self.sketch_version, self.photo_version), 1):
            for part in ('train', 'test', self.unseen_part):
                path = f'{self.lists}/{version}_filelist_{part}.txt'
                files[path] = lines([row[column] for row in rows if row[0] == part])
        classes = (('cname_cid', self.seen()), ('cname_cid_zero', self.unseen))
        for path, names in classes:
            entries = [f'{name} {label}' for label, name in enumerate(names)]
            files[f'{self.lists}/{path}.txt'] = lines(entries)
        return files

    @classmethod
    def seen(cls) -> tuple[str, ...]:
        """All classes but the unseen ones."""
        return tuple(sorted(set(OBJECT_CLASSES) - set(cls.unseen)))

    def _part(self, name: str, split: str) -> str | None:
        """List of an object; unseen classes of training scenes are in none."""
        if name in self.unseen:
            return self.unseen_part if split == 'val' else None
        return 'train' if split == 'train' else 'test'


def clear_objects(rendered: RenderedScene) -> list[int]:
    """Numbers of the objects of which at least `MIN_VISIBLE` is seen."""
    visible = rendered.visible.sum(axis=(1, 2))
    whole = rendered.amodal.sum(axis=(1, 2))
    return np.flatnonzero((visible > 0) & (visible >= MIN_VISIBLE * whole)).tolist()


class SketchyLayout(RetrievalLayout):
    """Sketchy with the first zero-shot split."""

    top_entries = ('256x256', 'zeroshot1')
    sketches = '256x256/sketch/tx_000000000000_ready'
    photos = '256x256/photo/tx_000000000000_ready'
    lists = 'zeroshot1'
    sketch_version = 'sketch_tx_000000000000_ready'
    photo_version = 'all_photo'


class Sketchy2Layout(SketchyLayout):
    """Sketchy with the second zero-shot split, that of Vermouth's configs.

    The unseen classes of the real split are none of ImageNet's.
    """

    top_entries = ('256x256', 'zeroshot2')
    lists = 'zeroshot2'
    unseen = UNSEEN_2


class QuickDrawLayout(RetrievalLayout):
    """QuickDraw-Extended with its zero-shot split.

    The lists of its unseen classes are called ``val``, which Vermouth is tested on.
    """

    top_entries = ('sketch', 'photo', 'zeroshot')
    sketches, photos, lists = top_entries
    sketch_version, photo_version = 'sketch', 'photo'
    unseen_part = 'val'


class TuBerlinLayout(RetrievalLayout):
    """TU-Berlin with its zero-shot split."""

    top_entries = ('png_ready', 'ImageResized_ready', 'zeroshot')
    sketches = 'png_ready'
    photos = 'ImageResized_ready'
    lists = 'zeroshot'
    sketch_version = 'png_ready'
    photo_version = 'ImageResized_ready'


class CoopLayout(Layout):
    """Photos of single objects and ``split_zhou_MiniWorld.json``.

    The file has the lists train, val and test of ``[path, label, class name]`` with
    paths below ``images``. Every fifth training scene belongs to val. The validation
    scenes are test.
    """

    top_entries = ('images', 'split_zhou_MiniWorld.json')

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Photo of every object that is well visible."""
        styled = self.styled(rendered)
        files, rows = {}, []
        for number in clear_objects(rendered):
            name = rendered.scene.objects[number].name
            path = f'{name}/{split}_{index:08d}_{number}.jpg'
            files[f'images/{path}'] = jpeg(styled.object_crop(number))
            rows.append([path, CLASS_NAMES.index(name), name])
        return SceneFiles(files, dict(rows=rows))

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """The split."""
        parts: dict[str, list] = dict(train=[], val=[], test=[])
        for split, items in records.items():
            for index, record in enumerate(items):
                is_val = index % VAL_PERIOD == VAL_PERIOD - 1
                part = 'test' if split == 'val' else ('val' if is_val else 'train')
                parts[part] += record['rows']
        return {'split_zhou_MiniWorld.json': json_bytes(parts)}
