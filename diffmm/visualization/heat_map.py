"""A heat map over an image."""

from __future__ import annotations

import cv2
import matplotlib
import numpy as np


def overlay_heat_map(
    image: np.ndarray,
    heat_map: np.ndarray,
    alpha: float = 0.6,
    colormap: str = 'viridis',
    value_range: tuple[float, float] | None = None,
) -> np.ndarray:
    """Blend a coloured heat map into an image.

    Args:
        image: RGB image, ``(H, W, 3)`` uint8.
        heat_map: Values, ``(h, w)``; resized bilinearly to the image where it differs.
        alpha: Weight of the colours in ``[0, 1]``; 0 leaves the image as it is.
        colormap: Name of a matplotlib colormap.
        value_range: Values that get the first and the last colour; values outside are
            clipped. None takes the map's own smallest and largest, which shows where
            it is strong, but not how strong: compare several maps with a common range.

    Returns:
        RGB image, ``(H, W, 3)`` uint8.

    Raises:
        ValueError: A shape, type or value is not as described.
    """
    _check(image, heat_map, alpha)
    height, width = image.shape[:2]
    values = heat_map.astype(np.float32)
    if values.shape != (height, width):
        values = cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR)
    low, high = value_range or (float(values.min()), float(values.max()))
    # A constant map has no structure to show: it takes the first colour everywhere.
    span = high - low if high > low else 1.0
    unit = np.clip((values - low) / span, 0, 1)
    colours = matplotlib.colormaps[colormap](unit, bytes=True)[..., :3]
    return cv2.addWeighted(np.ascontiguousarray(colours), alpha, image, 1 - alpha, 0)


def _check(image: np.ndarray, heat_map: np.ndarray, alpha: float) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(
            f'image must be (H, W, 3) uint8, but got {image.shape} {image.dtype}'
        )
    if heat_map.ndim != 2 or not heat_map.size:
        raise ValueError(f'heat_map must be (h, w), but got shape {heat_map.shape}')
    if not np.isfinite(heat_map).all():
        raise ValueError('heat_map holds NaN or infinite values; mask them first')
    if not 0 <= alpha <= 1:
        raise ValueError(f'alpha must lie in [0, 1], but got {alpha}')
