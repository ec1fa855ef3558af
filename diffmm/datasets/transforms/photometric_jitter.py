"""Random brightness and contrast, gamma, and hue, saturation and value."""

from __future__ import annotations

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness
from mmengine.registry import TRANSFORMS


@TRANSFORMS.register_module()
class PhotometricJitter(BaseTransform):
    """Changes the colors of a picture as the depth recipes do.

    VPD, Meta Prompts and mmsegmentation's VPD run albumentations'
    ``RandomBrightnessContrast``, ``RandomGamma`` and ``HueSaturationValue``, in this
    order, with default options. Formulas and defaults here are the same; the library is
    not needed. mmsegmentation's own ``PhotoMetricDistortion`` has no gamma and other
    ranges.

    With u drawn from the interval of an option, anew for every picture:

    1. ``x * (1 + u_contrast) + 255 * u_brightness``,
    2. ``255 * (x / 255) ** u_gamma``,
    3. hue (half degrees, modulo 180), saturation and value each plus a u of its own.

    Results are clipped to 0 to 255.

    Required and modified key: ``img``, BGR uint8.

    Example:
        >>> import numpy
        >>> transform = TRANSFORMS.build(dict(type='PhotometricJitter'))
        >>> transform(dict(img=numpy.zeros((48, 64, 3), 'uint8')))['img'].shape
        (48, 64, 3)

    Args:
        brightness: u from [-brightness, brightness].
        contrast: u from [-contrast, contrast].
        gamma: Interval of u.
        hue: u from [-hue, hue], in half degrees.
        saturation: u from [-saturation, saturation].
        value: u from [-value, value].
        prob: Probability of each of the three steps.

    Raises:
        ValueError: ``prob`` is no probability, or a picture has other than three
            channels of 8 bits.
    """

    def __init__(
        self,
        brightness: float = 0.2,
        contrast: float = 0.2,
        gamma: tuple[float, float] = (0.8, 1.2),
        hue: float = 20,
        saturation: float = 30,
        value: float = 20,
        prob: float = 0.5,
    ) -> None:
        if not 0 <= prob <= 1:
            raise ValueError(f'prob must be in [0, 1], got {prob}')
        self.brightness = brightness
        self.contrast = contrast
        self.gamma = gamma
        self.hue = hue
        self.saturation = saturation
        self.value = value
        self.prob = prob

    def transform(self, results: dict) -> dict:
        """Changes the colors.

        Args:
            results: With ``img``, shape (H, W, 3) uint8.

        Returns:
            The same.
        """
        image = results['img']
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise ValueError(
                'PhotometricJitter needs a picture of shape (H, W, 3) and type uint8, '
                f'got {image.shape} and {image.dtype}; place it before normalization'
            )
        levels = np.arange(256.0)
        linear, gamma, shifts = self._draw()
        if linear is not None:
            contrast, brightness = linear
            table = levels * (1 + contrast) + 255 * brightness
            image = cv2.LUT(image, _to_bytes(table))
        if gamma is not None:
            image = cv2.LUT(image, _to_bytes(255 * (levels / 255) ** gamma))
        if shifts is not None:
            hue, saturation, value = shifts
            tables = [
                np.mod(np.rint(levels + hue), 180),
                levels + saturation,
                levels + value,
            ]
            table = np.stack([_to_bytes(table) for table in tables], axis=-1)[None]
            image = cv2.LUT(cv2.cvtColor(image, cv2.COLOR_BGR2HSV), table)
            image = cv2.cvtColor(image, cv2.COLOR_HSV2BGR)
        results['img'] = image
        return results

    @cache_randomness
    def _draw(
        self,
    ) -> tuple[np.ndarray | None, float | None, np.ndarray | None]:
        """Draws contrast and brightness, gamma, and the shifts of HSV."""
        uniform = np.random.uniform
        spans = np.array([self.contrast, self.brightness])
        linear = spans * uniform(-1, 1, 2) if uniform() < self.prob else None
        gamma = uniform(*self.gamma) if uniform() < self.prob else None
        spans = np.array([self.hue, self.saturation, self.value])
        shifts = spans * uniform(-1, 1, 3) if uniform() < self.prob else None
        return linear, gamma, shifts

    def __repr__(self) -> str:
        options = ', '.join(f'{name}={value}' for name, value in vars(self).items())
        return f'{type(self).__name__}({options})'


def _to_bytes(table: np.ndarray) -> np.ndarray:
    return np.rint(table).clip(0, 255).astype(np.uint8)
