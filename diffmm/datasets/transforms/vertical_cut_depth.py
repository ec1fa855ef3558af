"""A strip of the depth map pasted into the picture."""

from __future__ import annotations

import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness
from mmengine.registry import TRANSFORMS


@TRANSFORMS.register_module()
class VerticalCutDepth(BaseTransform):
    """Replaces a vertical strip of the picture with its depth as gray.

    VPD and Meta Prompts (and before them GLPDepth) write millimeters into bytes, so
    depth wraps around every 25.6 cm. mmsegmentation's ``RandomDepthMix`` casts
    millimeters to bytes too, which NumPy leaves undefined. Here gray grows with depth:
    0 at the camera and for unknown depth, 255 at ``max_depth``. This is no published
    choice, since all published ones wrap.

    The strip starts anywhere and is as high as the picture. Its width is a random part
    of the rest of the picture, times ``width_ratio``.

    Required keys: ``img`` (uint8), ``gt_depth_map`` in meters. Modified keys: ``img``.

    Example:
        >>> import numpy
        >>> transform = TRANSFORMS.build(dict(type='VerticalCutDepth', prob=1.0))
        >>> results = dict(
        ...     img=numpy.zeros((48, 64, 3), 'uint8'),
        ...     gt_depth_map=numpy.ones((48, 64), 'float32'))
        >>> transform(results)['img'].shape
        (48, 64, 3)

    Args:
        prob: Probability of a strip. The released code pastes into every fourth sample
            of a data loader worker, always the same ones: 0.25.
        width_ratio: Largest width as a share of the rest; 0.75 in all papers.
        max_depth: Meters that become white.

    Raises:
        ValueError: An argument is out of its range.
    """

    def __init__(
        self,
        prob: float = 0.25,
        width_ratio: float = 0.75,
        max_depth: float = 10.0,
    ) -> None:
        for name, value in (('prob', prob), ('width_ratio', width_ratio)):
            if not 0 <= value <= 1:
                raise ValueError(f'{name} must be in [0, 1], got {value}')
        if max_depth <= 0:
            raise ValueError(f'max_depth must be positive, got {max_depth}')
        self.prob = prob
        self.width_ratio = width_ratio
        self.max_depth = max_depth

    def transform(self, results: dict) -> dict:
        """Pastes a strip, or not.

        Args:
            results: With ``img`` (H, W, 3) and ``gt_depth_map`` (H, W).

        Returns:
            The same; a picture with a strip is a copy.
        """
        strip = self._draw_strip(results['img'].shape[1])
        if strip is not None:
            image = results['img'].copy()
            image[:, strip] = self._gray(results['gt_depth_map'][:, strip])[..., None]
            results['img'] = image
        return results

    @cache_randomness
    def _draw_strip(self, width: int) -> slice | None:
        if np.random.rand() >= self.prob:
            return None
        start, share = np.random.rand(2)
        left = int(start * width)
        extent = int((width - left) * share * self.width_ratio)
        return slice(left, left + max(extent, 1))

    def _gray(self, depth: np.ndarray) -> np.ndarray:
        known = np.nan_to_num(depth / self.max_depth, nan=0, posinf=1)
        return np.rint(255 * known.clip(0, 1)).astype(np.uint8)

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(prob={self.prob}, width_ratio={self.width_ratio}, '
            f'max_depth={self.max_depth})'
        )
