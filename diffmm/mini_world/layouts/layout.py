"""Base of all layouts: whole files, resumed runs, summaries at the end."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
from tqdm import tqdm

from diffmm.utils.atomic import remove_temporaries, write_atomically

from ..drawing.rendered_scene import RenderedScene
from ..drawing.styles import stylize
from .encoding import json_bytes

RECORDS = 'records'


@dataclass(frozen=True)
class SceneFiles:
    """Files of one scene, and its part of the files about all scenes.

    Attributes:
        files: Content of every file by its path below the folder of the world. They are
            written in this order. Pictures come last, because readers list their
            folder: everything that belongs to a picture is then there.
        record: Plain data for the files about all scenes, kept as JSON.
    """

    files: dict[str, bytes]
    record: dict = field(default_factory=dict)


class Layout(ABC):
    """Folders and files of one data set.

    A subclass makes the content of the files of a scene (`scene_files`) and of the
    files about all scenes (`summary_files`); it writes nothing itself. After its files
    every scene gets a record in ``records/``. A scene is complete when the record and
    all files that it lists are there. When all scenes are complete, summaries are
    joined from the records. So summaries are whole or absent, and an interrupted run
    continues without drawing a scene again.

    Args:
        root: Folder of the world.
        style: Style of the pictures, one of `STYLES`; the layout's own if None.
    """

    top_entries: ClassVar[tuple[str, ...]]
    """Files and folders of the layout in the root, without the records."""

    splits: ClassVar[tuple[str, ...]] = ('train', 'val')
    """Splits of the data set."""

    place: ClassVar[str | None] = None
    """``'outdoor'`` or ``'indoor'`` if the data set shows only such scenes."""

    default_style: ClassVar[str] = 'day'
    """Style of the pictures if the caller names none."""

    def __init__(self, root: Path, style: str | None = None) -> None:
        self.root = root
        self.style = self.default_style if style is None else style

    @abstractmethod
    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Makes the files of a scene.

        Args:
            rendered: The scene.
            split: ``'train'`` or ``'val'``.
            index: Number of the scene within the split, from zero.
        """

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """Makes the files about all scenes, by their path; none by default.

        Args:
            records: Records of every split, in the order of the scenes.
        """
        return {}

    def picture(self, rendered: RenderedScene) -> np.ndarray:
        """Repaints the picture in the style of this world, ``(H, W, 3)`` uint8."""
        return stylize(rendered, self.style)

    def styled(self, rendered: RenderedScene) -> RenderedScene:
        """Replaces the picture by one in the style of this world."""
        if self.style == 'day':
            return rendered
        return replace(rendered, image=self.picture(rendered))

    def record_file(self, split: str, index: int) -> Path:
        """Path of the record of a scene."""
        return self.root / RECORDS / split / f'{index:08d}.json'

    def prepare(self) -> None:
        """Makes the folders of the records, and removes what killed runs left."""
        for split in self.splits:
            self.record_file(split, 0).parent.mkdir(parents=True, exist_ok=True)
        for name in (RECORDS, *self.top_entries):
            remove_temporaries(self.root / name)

    def write(self, rendered: RenderedScene, split: str, index: int) -> None:
        """Writes the files and then the record of a scene.

        Raises:
            OSError: A file cannot be written.
        """
        made = self.scene_files(rendered, split, index)
        record = dict(files=list(made.files), **made.record)
        path = self.record_file(split, index).relative_to(self.root).as_posix()
        self._write_all({**made.files, path: json_bytes(record)})

    def is_complete(self, split: str, index: int) -> bool:
        """Tells if every file of a scene is there, not empty, and its record whole."""
        path = self.record_file(split, index)
        if not _has_content(path):
            return False
        try:
            names = json.loads(path.read_bytes())['files']
        except ValueError:
            return False
        return all(_has_content(self.root / name) for name in names)

    def write_summaries(self, counts: dict[str, int]) -> None:
        """Writes the files about all scenes.

        Args:
            counts: Number of scenes of every split, all of them complete.

        Raises:
            OSError: A file cannot be written.
        """
        records = {split: self._records(split, counts[split]) for split in self.splits}
        self._write_all(self.summary_files(records))

    def _records(self, split: str, count: int) -> list[dict]:
        numbers = tqdm(
            range(count), unit='scene', desc=f'Joining the {split} records', delay=2
        )
        paths = (self.record_file(split, index) for index in numbers)
        return [json.loads(path.read_bytes()) for path in paths]

    def _write_all(self, files: dict[str, bytes]) -> None:
        for name, data in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, data)


def _has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False
