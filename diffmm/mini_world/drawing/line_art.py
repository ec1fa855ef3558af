"""Line drawings: outlines of objects and of their parts."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from ..scenes.scene import Scene, SceneObject
from .canvas import SUPERSAMPLING, packed
from .objects import draw_object, overlap
from .textures import smooth_noise

PAPER = 255
# Widths of lines as shares of the picture's side.
SCENE_LINE, OBJECT_LINE = 0.008, 0.014
# Share of the drawing that the larger side of a single object fills.
FILL = 0.84
# How far an unsteady hand moves a line, as a share of the side, and how often.
SWAY, SWAYS = 0.018, 6


def draw_lines(scene: Scene, ground: np.ndarray) -> np.ndarray:
    """Draws a whole scene.

    Args:
        scene: The scene.
        ground: Mask of the ground, objects ignored, ``(S, S)`` bool.

    Returns:
        Black lines on white, ``(S, S)`` uint8.
    """
    size = ground.shape[0]
    paper = np.full((size, size), PAPER, np.float32)
    edge = cv2.morphologyEx(
        ground.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((2, 1), np.uint8)
    )
    paper[edge > 0] = 0
    for item in scene.objects:
        _put(paper, item, SCENE_LINE * size)
    return (paper + 0.5).astype(np.uint8)


def draw_object_lines(item: SceneObject, size: int, seed: int) -> np.ndarray:
    """Draws one object alone and whole, with an unsteady hand.

    Args:
        item: The object.
        size: Side of the drawing in pixels.
        seed: Seed of the hand.

    Returns:
        Black lines on white, ``(size, size)`` uint8.
    """
    zoom = FILL / max(item.width, item.height)
    width, height = zoom * item.width, zoom * item.height
    centered = replace(item, x=0.5, ground=0.5 + height / 2, width=width, height=height)
    paper = np.full((size, size), PAPER, np.float32)
    _put(paper, centered, OBJECT_LINE * size)
    rng = np.random.default_rng(seed)
    rows, columns = np.indices((size, size), dtype=np.float32)
    shifts = [
        SWAY * size * (2 * smooth_noise(rng, (size, size), (SWAYS, SWAYS)) - 1)
        for _ in range(2)
    ]
    drawn = cv2.remap(
        paper,
        columns + shifts[0],
        rows + shifts[1],
        cv2.INTER_LINEAR,
        borderValue=PAPER,
    )
    return (drawn + 0.5).astype(np.uint8)


def _put(paper: np.ndarray, item: SceneObject, width: float) -> None:
    """Draws an object over what is there, in place, with lines of `width` pixels."""
    size = paper.shape[0]
    canvas, x0, y0 = draw_object(item, size, textured=False)
    shape = canvas.patch.shape
    ink = cv2.resize(
        _boundaries(canvas.patch, width),
        (shape[1] // SUPERSAMPLING, shape[0] // SUPERSAMPLING),
        interpolation=cv2.INTER_AREA,
    )
    cover = canvas.finish()[..., 3] / np.float32(255)
    rows, patch_rows = overlap(y0, ink.shape[0], size)
    columns, patch_columns = overlap(x0, ink.shape[1], size)
    window = paper[rows, columns]
    window += cover[patch_rows, patch_columns] * (PAPER - window)
    window *= 1.0 - ink[patch_rows, patch_columns]


def _boundaries(patch: np.ndarray, width: float) -> np.ndarray:
    """Edges between flat colors of a supersampled patch: 1 there, 0 elsewhere."""
    pixels = packed(patch)
    ink = np.zeros(pixels.shape, np.uint8)
    ink[:, 1:] = pixels[:, 1:] != pixels[:, :-1]
    ink[1:] |= pixels[1:] != pixels[:-1]
    side = max(1, round(width * SUPERSAMPLING))
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return cv2.dilate(ink, brush).astype(np.float32)
