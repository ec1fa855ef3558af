"""Surface of an object: its texture and the light on it."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, Colour

# Stripes and dots an object's height.
STRIPES = 11.0
DOTS = 8.0


def apply_texture(canvas: Canvas, colour: Colour, texture: str) -> None:
    """Prints stripes or dots onto the parts that have exactly the object's colour.

    Args:
        canvas: The drawn object.
        colour: Its colour, RGB.
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
    canvas.recolour(colour, _print_colour(colour), where)


def shade_patch(patch: np.ndarray, light: int) -> np.ndarray:
    """Lights an object from one side.

    Args:
        patch: Premultiplied RGBA, ``(H, W, 4)`` uint8.
        light: Side of the light: -1 left, 1 right.

    Returns:
        Premultiplied RGBA: colours float32 of 0..255, coverage float32 of 0..1.
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


def _print_colour(colour: Colour) -> Colour:
    """A print that keeps the colour's name: darker on light, lighter on dark."""
    if sum(colour) > 240:
        return tuple(round(value * 0.76) for value in colour)
    return tuple(round(value + 0.3 * (255 - value)) for value in colour)
