"""Draws one object where it stands in a picture."""

from __future__ import annotations

import math

from ..classes import COLOURS
from ..scene.scene_object import SceneObject
from .canvas import Canvas
from .shapes import SHAPES
from .surface import apply_texture

# Pixels of the patch around the object's box, for round ends of lines.
MARGIN = 2


def draw_object(
    item: SceneObject, size: int, textured: bool = True
) -> tuple[Canvas, int, int]:
    """Draws an object on a canvas of its own.

    Args:
        item: The object.
        size: Side of the picture in pixels.
        textured: Whether to print the object's stripes or dots.

    Returns:
        The canvas, and the column and row of the picture at which it begins (negative
        where the object leaves the picture).
    """
    left, top, right, bottom = (value * size for value in item.box)
    x0, y0 = math.floor(left) - MARGIN, math.floor(top) - MARGIN
    width = math.ceil(right) + MARGIN - x0
    height = math.ceil(bottom) + MARGIN - y0
    origin = (item.x * size - x0, bottom - y0)
    canvas = Canvas(width, height, origin, item.height * size, item.mirrored)
    colour = tuple(min(255, round(c * item.tint)) for c in COLOURS[item.colour])
    SHAPES[item.name](canvas, colour, item.variation)
    if textured:
        apply_texture(canvas, colour, item.texture)
    return canvas, x0, y0


def overlap(start: int, length: int, size: int) -> tuple[slice, slice]:
    """Where a patch meets the picture along one axis.

    Args:
        start: First pixel of the patch, in the picture.
        length: Pixels of the patch.
        size: Pixels of the picture.

    Returns:
        The common pixels as counted in the picture and as counted in the patch.
    """
    low, high = max(start, 0), min(start + length, size)
    return slice(low, high), slice(low - start, high - start)
