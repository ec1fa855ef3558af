"""Pictures and masks of scenes."""

from __future__ import annotations

import math

import numpy as np

from ..classes import PALETTES
from ..scenes.background import Background
from ..scenes.scene import Scene, SceneObject
from .objects import draw_object, overlap, shade_patch
from .rendered_scene import RenderedScene
from .textures import TEXTURES

# Sides in pixels within which drawings stay recognizable and cheap.
MIN_SIZE, MAX_SIZE = 64, 512
SHADOW = 0.42


class Renderer:
    """Renderer of scenes as square pictures.

    Args:
        size: Side of the picture in pixels, 64 to 512.

    Raises:
        ValueError: The size is out of range.
    """

    def __init__(self, size: int = 128) -> None:
        if not MIN_SIZE <= size <= MAX_SIZE:
            raise ValueError(
                f'size must lie between {MIN_SIZE} and {MAX_SIZE} pixels, got {size}'
            )
        self.size = size

    def render(self, scene: Scene) -> RenderedScene:
        """Draws one scene from the background to the nearest object."""
        rng = np.random.Generator(np.random.PCG64(scene.background.seed))
        image, ground = self._background(scene.background, rng)
        amodal = np.zeros((len(scene.objects), self.size, self.size), bool)
        for item, mask in zip(scene.objects, amodal, strict=True):
            self._shadow(image, item, scene.background.light)
            self._object(image, mask, item, scene.background.light)
        picture = np.clip(image + 0.5, 0, 255).astype(np.uint8)
        return RenderedScene(scene, picture, ground, amodal)

    def _background(
        self, background: Background, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Picture of the empty scene (float32) and mask of its ground."""
        steps = (np.arange(self.size, dtype=np.float32) + 0.5) / self.size
        x, y = steps[None, :], steps[:, None]
        phase, waves = rng.uniform(0, math.tau), rng.uniform(0.7, 1.6)
        line = background.boundary + background.roll * np.sin(
            waves * math.tau * x + phase
        )
        ground = y >= line
        first = math.floor((background.boundary - background.roll) * self.size)
        last = math.ceil((background.boundary + background.roll) * self.size) + 1
        image = np.empty((self.size, self.size, 3), np.float32)
        back = PALETTES[background.back_texture][background.back_palette]
        image[:last] = TEXTURES[background.back_texture](x, y[:last], back, rng)
        if background.place == 'indoor':
            self._skirting(image, background.boundary)
        pair = PALETTES[background.ground_texture][background.ground_palette]
        rows = y[first:] - background.vanishing
        floor = TEXTURES[background.ground_texture](x, rows, pair, rng)
        # Far ground is darker than near ground.
        floor *= 0.88 + 0.16 * np.clip(y[first:, :, None], 0, 1)
        band = image[first:]
        band[ground[first:]] = floor[ground[first:]]
        return image, ground

    def _skirting(self, image: np.ndarray, boundary: float) -> None:
        """Draws a board between wall and floor, which belongs to the wall."""
        bottom = math.ceil(boundary * self.size) + 1
        top = round((boundary - 0.028) * self.size)
        image[top:bottom] = 0.3 * image[top:bottom] + 0.7 * np.float32(236)
        image[top] *= 0.8

    def _shadow(self, image: np.ndarray, item: SceneObject, light: int) -> None:
        """Darkens the ground around the object's feet."""
        unit = self.size
        center_x = (item.x - 0.12 * light * item.footprint) * unit
        center_y = (item.ground - 0.01) * unit
        radius_x = 0.56 * item.footprint * unit
        radius_y = 0.075 * item.height * unit + 1
        x0, x1 = _span(center_x - radius_x, center_x + radius_x, unit)
        y0, y1 = _span(center_y - radius_y, center_y + radius_y, unit)
        rows = (
            np.arange(y0, y1, dtype=np.float32)[:, None] + 0.5 - center_y
        ) / radius_y
        columns = (np.arange(x0, x1, dtype=np.float32) + 0.5 - center_x) / radius_x
        depth = np.clip(1.6 * (1.0 - rows**2 - columns**2), 0, 1)
        image[y0:y1, x0:x1] *= (1.0 - SHADOW * depth)[..., None]

    def _object(
        self, image: np.ndarray, mask: np.ndarray, item: SceneObject, light: int
    ) -> None:
        """Draws one object into the picture and its amodal mask."""
        canvas, x0, y0 = draw_object(item, self.size)
        patch = shade_patch(canvas.finish(), light)
        rows, patch_rows = overlap(y0, patch.shape[0], self.size)
        columns, patch_columns = overlap(x0, patch.shape[1], self.size)
        patch = patch[patch_rows, patch_columns]
        cover = patch[..., 3:]
        window = image[rows, columns]
        window *= 1.0 - cover
        window += patch[..., :3]
        mask[rows, columns] = cover[..., 0] >= 0.5


def _span(low: float, high: float, size: int) -> tuple[int, int]:
    """The pixels from `low` to `high` that lie inside the picture."""
    return max(0, math.floor(low)), min(size, math.ceil(high))
