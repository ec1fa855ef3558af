"""Sheets of scenes beside their masks."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from diffmm.utils.atomic import write_atomically

from ..classes import ADE20K_INDEX, ADE20K_PALETTE, MINI_CLASSES
from .rendered_scene import RenderedScene

GAP = 4
COLUMNS = 4
LEGEND_COLUMNS = 8
LEGEND_ROW = 22


def color_mask(classes: np.ndarray) -> np.ndarray:
    """Paints a class map in ADE20K's colors.

    Args:
        classes: ADE20K class index of every pixel, ``(H, W)`` uint8.

    Returns:
        RGB, ``(H, W, 3)`` uint8.
    """
    palette = np.zeros((256, 3), np.uint8)
    for name, index in ADE20K_INDEX.items():
        palette[index] = ADE20K_PALETTE[name]
    return palette[classes]


def contact_sheet(scenes: list[RenderedScene]) -> np.ndarray:
    """Lays scenes out in a grid, each beside its mask, over a legend.

    Args:
        scenes: Scenes of one size.

    Returns:
        RGB, uint8.
    """
    size = scenes[0].image.shape[0]
    step_x, step_y = 2 * size + 2 * GAP, size + GAP
    rows = -(-len(scenes) // COLUMNS)
    width, height = COLUMNS * step_x - GAP, rows * step_y
    legend_height = -(-len(MINI_CLASSES) // LEGEND_COLUMNS) * LEGEND_ROW
    sheet = np.full((height + legend_height, width, 3), 255, np.uint8)
    for number, scene in enumerate(scenes):
        x, y = number % COLUMNS * step_x, number // COLUMNS * step_y
        mask = color_mask(scene.ade20k_index)
        mask[_outlines(scene.instances)] = 0
        sheet[y : y + size, x : x + size] = scene.image
        sheet[y : y + size, x + size + 1 : x + 2 * size + 1] = mask
    _draw_legend(sheet[height:])
    return sheet


def write_sheet(path: str | Path, sheet: np.ndarray) -> None:
    """Writes a sheet as a PNG file.

    Args:
        path: File; missing folders are created.
        sheet: RGB, ``(H, W, 3)`` uint8.

    Raises:
        ValueError: The name does not end with ``.png``.
    """
    path = Path(path)
    check_preview_name(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    image = cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR)
    data = cv2.imencode('.png', image, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1]
    write_atomically(path, data.tobytes())


def check_preview_name(path: str | Path) -> None:
    """Raises ValueError for a file name that does not end in ``.png``."""
    if Path(path).suffix.lower() != '.png':
        raise ValueError(f'the preview is a PNG file, but {path} does not end in .png')


def _outlines(instances: np.ndarray) -> np.ndarray:
    """Last pixels before another object: ADE20K's greens are hard to tell apart."""
    outlines = np.zeros(instances.shape, bool)
    outlines[:, :-1] |= instances[:, :-1] != instances[:, 1:]
    outlines[:-1] |= instances[:-1] != instances[1:]
    return outlines


def _draw_legend(strip: np.ndarray) -> None:
    """Draws a swatch and the name of every class, in place."""
    step = strip.shape[1] // LEGEND_COLUMNS
    for number, name in enumerate(MINI_CLASSES):
        x = number % LEGEND_COLUMNS * step + GAP
        y = number // LEGEND_COLUMNS * LEGEND_ROW + GAP
        strip[y : y + 14, x : x + 14] = ADE20K_PALETTE[name]
        cv2.putText(
            strip,
            name,
            (x + 20, y + 12),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.45,
            (0, 0, 0),
            1,
            cv2.LINE_AA,
        )
