"""Textures of sky, wall, grass and floor.

Every texture paints a band of rows as RGB in floating point (0..255). Coordinates are
fractions of the picture's side, so a scene looks the same at every resolution.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

Pair = tuple[tuple[int, int, int], tuple[int, int, int]]
Rng = np.random.Generator


def blend(pair: Pair, share: np.ndarray) -> np.ndarray:
    """Mixes two colors: `share` (H, W) of the second, the rest of the first."""
    first, second = np.asarray(pair, np.float32)
    return first + share[..., None] * (second - first)


def smooth_noise(
    rng: Rng, shape: tuple[int, int], cells: tuple[int, int]
) -> np.ndarray:
    """Random hills of about 0..1, ``(H, W)``, `cells` of them down and across."""
    coarse = rng.random(cells, dtype=np.float32)
    return cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)


def grain(rng: Rng, shape: tuple[int, int], strength: float) -> np.ndarray:
    """Fine uncorrelated noise within +-`strength` gray levels, ``(H, W, 1)``."""
    noise = rng.random(shape, dtype=np.float32) - np.float32(0.5)
    return (2 * strength * noise)[..., None]


def paint_clear(x: np.ndarray, y: np.ndarray, pair: Pair, rng: Rng) -> np.ndarray:
    """Sky: a gradient down to the horizon."""
    return blend(pair, np.clip(y / 0.5, 0, 1) + 0 * x)


def paint_cloudy(x: np.ndarray, y: np.ndarray, pair: Pair, rng: Rng) -> np.ndarray:
    """Sky: a gradient with clouds."""
    sky = paint_clear(x, y, pair, rng)
    shape = sky.shape[:2]
    hills = smooth_noise(rng, shape, (4, 5)) + 0.4 * smooth_noise(rng, shape, (9, 14))
    cloud = np.clip((hills - 0.75) * 3.0, 0, 0.85)[..., None]
    return sky + cloud * (np.float32(246) - sky)


def paint_streaks(x: np.ndarray, y: np.ndarray, pair: Pair, rng: Rng) -> np.ndarray:
    """Sky: thin bands of high cloud."""
    sky = paint_clear(x, y, pair, rng)
    bands = smooth_noise(rng, sky.shape[:2], (14, 3))
    cloud = np.clip((bands - 0.5) * 1.6, 0, 0.6)[..., None]
    return sky + cloud * (np.float32(242) - sky)


def paint_plaster(x: np.ndarray, y: np.ndarray, pair: Pair, rng: Rng) -> np.ndarray:
    """Wall: softly stained plaster."""
    shape = (y.size, x.size)
    return blend(pair, smooth_noise(rng, shape, (5, 8))) + grain(rng, shape, 4)


def paint_brick(x: np.ndarray, y: np.ndarray, pair: Pair, rng: Rng) -> np.ndarray:
    """Wall: courses of bricks."""
    course, length = 0.055, 0.13
    row = np.floor(y / course)
    along = x / length + 0.5 * (row % 2)
    joint = ((y / course) % 1 < 0.16) | (along % 1 < 0.07)
    tones = rng.uniform(0.86, 1.06, (64, 16)).astype(np.float32)
    tone = tones[row.astype(int) % 64, np.floor(along).astype(int) % 16]
    bricks = np.asarray(pair[0], np.float32) * tone[..., None]
    return np.where(joint[..., None], np.asarray(pair[1], np.float32), bricks)


def paint_wallpaper(x: np.ndarray, y: np.ndarray, pair: Pair, rng: Rng) -> np.ndarray:
    """Wall: vertical stripes."""
    width = rng.uniform(0.05, 0.09)
    return blend(pair, ((x / width) % 2 < 1).astype(np.float32) + 0 * y)


def paint_panels(x: np.ndarray, y: np.ndarray, pair: Pair, rng: Rng) -> np.ndarray:
    """Wall: square panels with a shadow line between them."""
    side = rng.uniform(0.14, 0.22)
    joint = ((x / side) % 1 < 0.06) | ((y / side) % 1 < 0.06)
    shape = (y.size, x.size)
    panels = blend(pair, 0.5 * smooth_noise(rng, shape, (3, 3)))
    return np.where(joint[..., None], 0.8 * np.asarray(pair[1], np.float32), panels)


def paint_lawn(x: np.ndarray, y: np.ndarray, pair: Pair, rng: Rng) -> np.ndarray:
    """Grass: short, with soft patches."""
    shape = (y.size, x.size)
    patches = smooth_noise(rng, shape, (6, 7))
    return blend(pair, patches) + grain(rng, shape, 12)


def paint_blades(x: np.ndarray, y: np.ndarray, pair: Pair, rng: Rng) -> np.ndarray:
    """Grass: tall, with upright blades."""
    shape = (y.size, x.size)
    blades = smooth_noise(rng, shape, (10, 64))
    return blend(pair, 2.4 * blades - 0.7)


def paint_mown(x: np.ndarray, y: np.ndarray, pair: Pair, rng: Rng) -> np.ndarray:
    """Grass: tracks of a mower running to the horizon."""
    across, _ = _on_ground(x, y, rng)
    track = (np.floor(across * 2.2) % 2).astype(np.float32)
    return blend(pair, 1.3 * track - 0.2) + grain(rng, track.shape, 8)


def paint_planks(x: np.ndarray, y: np.ndarray, pair: Pair, rng: Rng) -> np.ndarray:
    """Floor: planks running to the wall."""
    across, _ = _on_ground(x, y, rng)
    number = across * 4.0
    tones = rng.random(256, dtype=np.float32)
    share = tones[np.floor(number).astype(int) % 256]
    planks = blend(pair, share)
    joint = ((number % 1) < 0.09)[..., None]
    return np.where(joint, 0.72 * planks, planks) + grain(rng, share.shape, 4)


def paint_tiles(x: np.ndarray, y: np.ndarray, pair: Pair, rng: Rng) -> np.ndarray:
    """Floor: a chessboard of tiles."""
    across, ahead = _on_ground(x, y, rng)
    odd = (np.floor(across * 3.0) + np.floor(ahead * 3.0)) % 2
    return blend(pair, odd.astype(np.float32))


def paint_carpet(x: np.ndarray, y: np.ndarray, pair: Pair, rng: Rng) -> np.ndarray:
    """Floor: a carpet with bands along the wall."""
    shape = (y.size, x.size)
    _, ahead = _on_ground(x, y, rng)
    band = ((ahead * 2.0) % 1 < 0.3).astype(np.float32) + 0 * x
    return blend(pair, band) + grain(rng, shape, 9)


def _on_ground(x: np.ndarray, y: np.ndarray, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates on the ground plane, seen in perspective.

    Returns:
        Position across ``(H, W)`` and distance ahead ``(H, 1)``, each with a random
        offset.
    """
    distance = 1.0 / y
    offset = rng.random(2, dtype=np.float32)
    return (x - 0.5) * distance + offset[0] + 8, distance + offset[1]


# x is (1, W), counted from the left edge. y is (H, 1), counted from the top edge for
# sky and wall, and downwards from the horizon for grass and floor.
TEXTURES: dict[str, Callable[[np.ndarray, np.ndarray, Pair, Rng], np.ndarray]] = {
    'clear': paint_clear,
    'cloudy': paint_cloudy,
    'streaks': paint_streaks,
    'plaster': paint_plaster,
    'brick': paint_brick,
    'wallpaper': paint_wallpaper,
    'panels': paint_panels,
    'lawn': paint_lawn,
    'blades': paint_blades,
    'mown': paint_mown,
    'planks': paint_planks,
    'tiles': paint_tiles,
    'carpet': paint_carpet,
}
