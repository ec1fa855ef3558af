"""The settings of a mini world, kept in its folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from diffmm.utils.atomic import write_atomically

FILE_NAME = 'mini_world.json'
# Raise it with every change that alters a picture or a mask.
GENERATOR_VERSION = 2


@dataclass(frozen=True)
class Manifest:
    """Content of `mini_world.json`.

    Attributes:
        layout: Name of the layout, or ``'all'``.
        seed: Seed of the world.
        size: Side of the pictures in pixels.
        num_train: Number of training scenes.
        num_val: Number of validation scenes.
        style: Style of the pictures; None if every layout has its own.
        status: ``'incomplete'`` until every file is written, then ``'complete'``.
        generator_version: Version of the drawings.
    """

    layout: str
    seed: int
    size: int
    num_train: int
    num_val: int
    style: str | None = None
    status: str = 'incomplete'
    generator_version: int = GENERATOR_VERSION

    @property
    def settings(self) -> dict:
        """Everything that determines the files: all but the status."""
        return {key: value for key, value in asdict(self).items() if key != 'status'}

    @property
    def counts(self) -> dict[str, int]:
        """Number of scenes of each split."""
        return {'train': self.num_train, 'val': self.num_val}

    def differences(self, other: Manifest) -> list[str]:
        """Lists the settings that differ, as ``'name: ours -> theirs'``."""
        theirs = other.settings
        return [
            f'{key}: {value!r} -> {theirs[key]!r}'
            for key, value in self.settings.items()
            if value != theirs[key]
        ]

    def write(self, root: Path) -> None:
        """Writes `mini_world.json` into a folder."""
        text = json.dumps(asdict(self), indent=2) + '\n'
        write_atomically(root / FILE_NAME, text.encode())

    @classmethod
    def read(cls, root: Path) -> Manifest | None:
        """Reads a folder's manifest.

        Args:
            root: Folder.

        Returns:
            The manifest, or None if the folder has none.

        Raises:
            ValueError: The file is not a manifest.
        """
        path = root / FILE_NAME
        if not path.exists():
            return None
        try:
            content = json.loads(path.read_text())
        except ValueError as error:
            raise ValueError(
                f'{path} is not valid JSON ({error}); choose another folder, or '
                f'replace its content with --overwrite'
            ) from error
        names = {field.name for field in fields(cls)}
        if not isinstance(content, dict) or set(content) != names:
            raise ValueError(
                f'{path} is not a manifest of the mini world, it should have the '
                f'fields {sorted(names)}; choose another folder, or replace its '
                f'content with --overwrite'
            )
        return cls(**content)
