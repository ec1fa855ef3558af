"""Made-up distributions, as pip leaves them in a folder."""

from __future__ import annotations

from pathlib import Path


def add_distribution(folder: Path, name: str, version: str, *packages: str) -> Path:
    """Add the metadata of a distribution, and empty packages; returns the former."""
    info = folder / f'{name.replace("-", "_")}-{version}.dist-info'
    info.mkdir(parents=True)
    text = f'Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n'
    (info / 'METADATA').write_text(text)
    for package in packages:
        (folder / package).mkdir(exist_ok=True)
        (folder / package / '__init__.py').touch()
    return info
