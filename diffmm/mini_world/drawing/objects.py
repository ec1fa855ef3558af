"""Drawings of single objects: shape, texture, light."""

from __future__ import annotations

import math

import numpy as np

from ..classes import COLORS
from ..scenes.scene import SceneObject
from .canvas import Canvas, Color
from .shapes import SHAPES

# Pixels of the patch around the object's box, for round ends of lines.
MARGIN = 2
# Stripes and dots per height of the object.
STRIPES = 11.0
DOTS = 8.0


def draw_object(
    item: SceneObject, size: int, textured: bool = True
) -> tuple[Canvas, int, int]:
    """Draws an object where it stands, on a canvas of its own.

    Args:
        item: The object.
        size: Side of the picture in pixels.
        textured: Whether to print the object's stripes or dots.

    Returns:
        The canvas, and the column and row of the picture at which it begins; negative
        if the object leaves the picture.
    """
    left, top, right, bottom = (value * size for value in item.box)
    x0, y0 = math.floor(left) - MARGIN, math.floor(top) - MARGIN
    width = math.ceil(right) + MARGIN - x0
    height = math.ceil(bottom) + MARGIN - y0
    origin = (item.x * size - x0, bottom - y0)
    canvas = Canvas(width, height, origin, item.height * size, item.mirrored)
    color = tuple(min(255, round(c * item.tint)) for c in COLORS[item.color])
    SHAPES[item.name](canvas, color, item.variation)
    if textured:
        apply_texture(canvas, color, item.texture)
    return canvas, x0, y0


def overlap(start: int, length: int, size: int) -> tuple[slice, slice]:
    """Pixels that a patch and the picture share along one axis.

    Args:
        start: First pixel of the patch, in the picture.
        length: Pixels of the patch.
        size: Pixels of the picture.

    Returns:
        The shared pixels, counted in the picture and counted in the patch.
    """
    low, high = max(start, 0), min(start + length, size)
    return slice(low, high), slice(low - start, high - start)


def apply_texture(canvas: Canvas, color: Color, texture: str) -> None:
    """Prints stripes or dots on the parts that have exactly the object's color.

    Args:
        canvas: The drawn object.
        color: Its color, RGB.
        texture: One of `classes.TEXTURES`.
    """
    if texture == 'plain':
        return
    x, y = canvas.grid()
    if texture == 'striped':
        where = (y * STRIPES) % 1.0 < 0.36 + 0 * x
    else:
        row = np.floor(y * DOTS)
        across = (x * DOTS + 0.5 * (row % 2)) % 1.0 - 0.5
        where = across**2 + ((y * DOTS) % 1.0 - 0.5) ** 2 < 0.075
    canvas.recolor(color, _print_color(color), where)


def shade_patch(patch: np.ndarray, light: int) -> np.ndarray:
    """Lights an object from one side.

    Args:
        patch: Premultiplied RGBA, ``(H, W, 4)`` uint8.
        light: Side of the light: -1 left, 1 right.

    Returns:
        Premultiplied RGBA: colors float32 of 0..255, coverage float32 of 0..1.
    """
    height, width = patch.shape[:2]
    across = light * np.linspace(-1.0, 1.0, width, dtype=np.float32)
    down = np.linspace(1.0, -1.0, height, dtype=np.float32)[:, None]
    gain = 0.97 + 0.12 * across + 0.06 * down
    lit = patch.astype(np.float32)
    cover = lit[..., 3:] / np.float32(255)
    # Never brighter than white where the object covers the whole pixel.
    lit[..., :3] = np.minimum(lit[..., :3] * gain[..., None], 255 * cover)
    lit[..., 3:] = cover
    return lit


def _print_color(color: Color) -> Color:
    """Color of a print: darker on light, lighter on dark; its name stays the same."""
    if sum(color) > 240:
        return tuple(round(value * 0.76) for value in color)
    return tuple(round(value + 0.3 * (255 - value)) for value in color)
