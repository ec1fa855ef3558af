"""A network's input as an image again, and a heat map over it."""

from __future__ import annotations

import cv2
import matplotlib
import numpy as np
from torch import Tensor, nn


def restore_image(
    inputs: Tensor, data_preprocessor: nn.Module, size: tuple[int, int]
) -> np.ndarray:
    """Undoes the normalization and the padding of one preprocessed image.

    It needs no image file and works after any resizing of the test pipeline. The
    preprocessor must deliver RGB (``bgr_to_rgb=True`` for images read by OpenCV), as
    Stable Diffusion needs it, and pad at the right and the bottom, as those of mmseg,
    mmdet, mmpose and MMEngine do.

    Args:
        inputs: Preprocessed image, ``(3, H, W)``.
        data_preprocessor: The module that made it. Its buffers ``mean`` and ``std``
            (in units of 0..255) are undone if it has them.
        size: Height and width before padding.

    Returns:
        RGB image, ``(*size, 3)`` uint8.
    """
    image = inputs.detach().float()
    mean = getattr(data_preprocessor, 'mean', None)
    if mean is not None:
        image = image * data_preprocessor.std.to(image) + mean.to(image)
    image = image[:, : size[0], : size[1]].round().clamp(0, 255)
    return np.ascontiguousarray(image.permute(1, 2, 0).byte().cpu().numpy())


def overlay_heat_map(
    image: np.ndarray, heat_map: np.ndarray, alpha: float = 0.6
) -> np.ndarray:
    """Blends a colored heat map into an image.

    The smallest value of the map gets the first color of matplotlib's viridis, the
    largest the last. This shows where the map is strong, but not how strong it is.

    Args:
        image: RGB image, ``(H, W, 3)`` uint8.
        heat_map: Values, ``(h, w)``; another size is resized bilinearly to the image's.
        alpha: Weight of the colors in ``[0, 1]``; 0 leaves the image as it is.

    Returns:
        RGB image, ``(H, W, 3)`` uint8.

    Raises:
        ValueError: If a shape, type or value is not as described.
    """
    _check(image, heat_map, alpha)
    height, width = image.shape[:2]
    values = heat_map.astype(np.float32)
    if values.shape != (height, width):
        values = cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR)
    low, high = float(values.min()), float(values.max())
    # A constant map takes the first color everywhere.
    span = high - low if high > low else 1.0
    unit = np.clip((values - low) / span, 0, 1)
    colors = matplotlib.colormaps['viridis'](unit, bytes=True)[..., :3]
    return cv2.addWeighted(np.ascontiguousarray(colors), alpha, image, 1 - alpha, 0)


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
