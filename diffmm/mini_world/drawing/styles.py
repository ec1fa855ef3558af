"""Styles of pictures; the annotations stay the same."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from .annotations import NO_DEPTH
from .rendered_scene import RenderedScene
from .textures import grain, smooth_noise

Rng = np.random.Generator

# Keeps the random stream of styles apart from those of textures and captions.
_STREAM = 2

MOONLIGHT = (0.24, 0.28, 0.42)
WARM_LIGHT = (1.0, 0.82, 0.5)
# Lights of objects: x to the front, y up, and reach, in units of the object's height.
LIGHTS = {
    'lamp': (0.0, 0.7, 1.6),
    'house': (0.2, 0.3, 0.9),
    'car': (1.25, 0.3, 1.2),
}
AIRLIGHT = (206, 210, 214)
# Optical thickness of the fog before the end of the ground, and before the sky.
FOG, SKY_FOG = 1.7, 2.6


def stylize(rendered: RenderedScene, style: str) -> np.ndarray:
    """Repaints the picture of a scene in a style.

    Args:
        rendered: The scene.
        style: One of `STYLES`.

    Returns:
        RGB, ``(H, W, 3)`` uint8; equal to ``rendered.image`` for ``'day'``.

    Raises:
        ValueError: The style is unknown.
    """
    if style not in STYLES:
        raise ValueError(f'unknown style {style!r}, choose from {list(STYLES)}')
    key = (rendered.scene.background.seed, _STREAM, list(STYLES).index(style))
    rng = np.random.default_rng(np.random.SeedSequence(key))
    picture = STYLES[style](rendered, rng)
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8)


def paint_day(rendered: RenderedScene, rng: Rng) -> np.ndarray:
    """The picture as it is."""
    return rendered.image.astype(np.float32)


def paint_night(rendered: RenderedScene, rng: Rng) -> np.ndarray:
    """Moonlight, lamps and headlights."""
    shape = rendered.ground.shape
    light = np.ones((*shape, 3), np.float32) * np.float32(MOONLIGHT)
    rows, columns = (np.indices(shape) + 0.5) / shape[0]
    for item in rendered.scene.objects:
        if item.name in LIGHTS:
            x, y, reach = (value * item.height for value in LIGHTS[item.name])
            x = item.x + (-x if item.mirrored else x)
            squares = (columns - x) ** 2 + (rows - item.ground + y) ** 2
            glow = np.exp(-squares / (0.5 * reach) ** 2)
            light += glow[..., None] * np.float32(WARM_LIGHT)
    return rendered.image * light + grain(rng, shape, 7)


def paint_fog(rendered: RenderedScene, rng: Rng) -> np.ndarray:
    """Fog that thickens with depth, by Koschmieder's law."""
    background = rendered.scene.background
    end = background.camera.ground_depth(background.boundary)
    depth = rendered.depth
    thickness = np.where(depth == NO_DEPTH, SKY_FOG, FOG * depth / end)
    patches = 0.8 + 0.4 * smooth_noise(rng, depth.shape, (3, 4))
    through = np.exp(-thickness * patches).astype(np.float32)[..., None]
    return rendered.image * through + np.float32(AIRLIGHT) * (1 - through)


def paint_watercolor(rendered: RenderedScene, rng: Rng) -> np.ndarray:
    """Flat washes with wavering, darker rims on rough paper."""
    size = rendered.image.shape[0]
    flat = _flatten(rendered.image)
    shape = (size, size)
    rows, columns = np.indices(shape, dtype=np.float32)
    sway = [0.018 * size * (smooth_noise(rng, shape, (14, 14)) - 0.5) for _ in range(2)]
    flat = cv2.remap(
        flat,
        columns + sway[0],
        rows + sway[1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    rim = cv2.morphologyEx(flat, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(-1)
    pigment = 0.93 + 0.14 * smooth_noise(rng, shape, (7, 7)) - rim / 255 * 0.45
    light = 255 - (255 - flat.astype(np.float32)) * 0.72
    paper = smooth_noise(rng, shape, (size // 2, size // 2)) - 0.5
    return light * np.clip(pigment, 0.4, 1.02)[..., None] + 8 * paper[..., None]


def paint_comic(rendered: RenderedScene, rng: Rng) -> np.ndarray:
    """Few strong colors, dots in the shade, black lines."""
    size = rendered.image.shape[0]
    hsv = cv2.cvtColor(_flatten(rendered.image), cv2.COLOR_RGB2HSV).astype(np.float32)
    hsv[..., 1] = np.clip(hsv[..., 1] * 1.5, 0, 255)
    value = hsv[..., 2]
    hsv[..., 2] = np.floor(value / 64) * 64 + 63
    colors = cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB)
    pitch = max(3.0, size / 42)
    rows, columns = np.indices(value.shape) * np.pi / pitch
    dots = np.cos(rows + columns) * np.cos(rows - columns) > 0.45
    shaded = np.where((dots & (value % 64 < 40))[..., None], 0.8 * colors, colors)
    ink = rendered.sketch[..., None] / np.float32(255)
    return shaded * ink


def paint_sketch(rendered: RenderedScene, rng: Rng) -> np.ndarray:
    """Pencil lines and hatching."""
    size = rendered.image.shape[0]
    gray = cv2.cvtColor(rendered.image, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    gray = cv2.GaussianBlur(gray, (0, 0), size / 100)
    rows, columns = np.indices(gray.shape) * (2 * np.pi / max(4.0, size / 32))
    sway = 2.0 * smooth_noise(rng, gray.shape, (6, 6))
    hatch = 0.5 + 0.5 * np.sin(rows + columns + sway)
    tone = 1 - 0.55 * np.clip(0.8 - gray, 0, 1) * (0.4 + 0.6 * hatch)
    paper = 250 + grain(rng, gray.shape, 6)[..., 0]
    drawn = rendered.sketch / np.float32(255) * tone * paper
    return np.repeat(drawn[..., None], 3, axis=-1)


def _flatten(image: np.ndarray) -> np.ndarray:
    """Removes texture, keeps edges."""
    reach = max(3.0, image.shape[0] / 32)
    flat = cv2.bilateralFilter(image, -1, 45, reach / 2)
    return cv2.bilateralFilter(flat, -1, 45, reach / 2)


STYLES: dict[str, Callable[[RenderedScene, Rng], np.ndarray]] = {
    'day': paint_day,
    'night': paint_night,
    'fog': paint_fog,
    'watercolor': paint_watercolor,
    'comic': paint_comic,
    'sketch': paint_sketch,
}
