"""The data of studies."""

from __future__ import annotations

from pathlib import Path

from ..mini_world import generate


def draw_data(folder: Path, layout: str, **options: int) -> None:
    """Draws a mini world, or what is missing of it.

    Args:
        folder: Where it is, or will be.
        layout: Name of the layout.
        **options: Further options of ``generate``, such as ``num_train``.

    Raises:
        SystemExit: The folder holds something else.
    """
    try:
        generate(folder, layout, workers=2, **options)
    except (FileExistsError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error
