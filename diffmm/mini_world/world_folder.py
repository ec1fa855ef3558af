"""The folder of a mini world: refused if it holds something else, cleared, prepared."""

from __future__ import annotations

import shutil
from pathlib import Path

from diffmm.utils.atomic import remove_temporaries

from .layouts import ALL_LAYOUTS, LAYOUTS
from .layouts.layout import RECORDS
from .manifest import FILE_NAME, Manifest

World = tuple[Path, Manifest]
"""Folder and settings of a world."""


def check_folder(root: Path, settings: Manifest) -> None:
    """Checks that a folder is new, empty, or holds this world.

    Raises:
        ValueError: The folder's manifest is damaged.
        FileExistsError: It holds something else, or a mini world of other settings.
    """
    if root.exists() and not root.is_dir():
        raise FileExistsError(f'{root} is a file; name a folder')
    if root.exists():
        _refuse_foreign(root, settings)


def prepare_folder(root: Path, manifest: Manifest) -> None:
    """Marks a folder as this world, incomplete."""
    if root.exists() and not root.is_dir():
        raise FileExistsError(f'{root} is a file; name a folder')
    root.mkdir(parents=True, exist_ok=True)
    manifest.write(root)
    remove_temporaries(root / FILE_NAME)
    if manifest.layout != ALL_LAYOUTS:
        LAYOUTS[manifest.layout](root).prepare()


def clear_folder(root: Path, layout: str) -> None:
    """Removes the files of a layout, or of all, and the manifest; nothing else."""
    (root / FILE_NAME).unlink(missing_ok=True)
    if layout == ALL_LAYOUTS:
        names = tuple(LAYOUTS)
    else:
        names = (RECORDS, *LAYOUTS[layout].top_entries)
    for path in (root / name for name in names):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _refuse_foreign(root: Path, manifest: Manifest) -> None:
    advice = 'choose another folder, or replace its content with --overwrite'
    found = Manifest.read(root)
    if found is None:
        content = sorted(path.name for path in root.iterdir())
        if content:
            raise FileExistsError(
                f'{root} holds something else than a mini world ({len(content)} '
                f'entries, such as {content[:3]}); {advice}'
            )
    elif found.settings != manifest.settings:
        raise FileExistsError(
            f'{root} holds a mini world of other settings '
            f'({", ".join(found.differences(manifest))}); {advice}'
        )
