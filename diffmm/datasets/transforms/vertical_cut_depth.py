"""Pasting a strip of the depth map into the picture."""

from __future__ import annotations

import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness
from mmengine.registry import TRANSFORMS

_ENCODINGS = ('linear', 'inverse')


@TRANSFORMS.register_module()
class VerticalCutDepth(BaseTransform):
    """Replaces a vertical strip of the picture by its depth, as grey.

    VPD and Meta Prompts (and before them GLPDepth) write millimetres into bytes, so
    depth wraps around every 25.6 cm; mmsegmentation's ``RandomDepthMix`` casts
    millimetres to bytes as well, which NumPy leaves undefined. Here grey is a monotonic
    function of depth.

    The strip starts anywhere and is as high as the picture; its width is a random part
    of what is left of the picture, times ``width_ratio``.

    Required keys: ``img`` (uint8), ``gt_depth_map`` in metres. Modified keys: ``img``.

    Args:
        prob: Probability of a strip. The released code pastes into every fourth sample
            of a data loader worker, always the same ones: 0.25.
        width_ratio: Largest width, as a share of what is left. 0.75 in all.
        encoding: ``'linear'``: grey is 255 at ``max_depth`` and 0 at the camera.
            ``'inverse'``: 255 up to ``min_depth`` and proportional to 1 / depth.
            Unknown depth (0) is black in both. Neither is a published choice: without
            the wrapping there is none.
        min_depth: Metres, for ``'inverse'``.
        max_depth: Metres, for ``'linear'``.

    Raises:
        ValueError: An argument is out of its range.
    """

    def __init__(
        self,
        prob: float = 0.25,
        width_ratio: float = 0.75,
        encoding: str = 'linear',
        min_depth: float = 0.5,
        max_depth: float = 10.0,
    ) -> None:
        for name, value in (('prob', prob), ('width_ratio', width_ratio)):
            if not 0 <= value <= 1:
                raise ValueError(f'{name} must be in [0, 1], got {value}')
        if encoding not in _ENCODINGS:
            raise ValueError(f'encoding must be one of {_ENCODINGS}, got {encoding!r}')
        if not 0 < min_depth < max_depth:
            raise ValueError(
                f'0 < min_depth < max_depth must hold, got {min_depth} and {max_depth}'
            )
        self.prob = prob
        self.width_ratio = width_ratio
        self.encoding = encoding
        self.min_depth = min_depth
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
            image[:, strip] = self._grey(results['gt_depth_map'][:, strip])[..., None]
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

    def _grey(self, depth: np.ndarray) -> np.ndarray:
        if self.encoding == 'linear':
            share = depth / self.max_depth
        else:
            share = self.min_depth / np.maximum(depth, self.min_depth)
        known = np.where(depth > 0, share, 0)
        return np.rint(255 * known.clip(0, 1)).astype(np.uint8)

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(prob={self.prob}, width_ratio={self.width_ratio}, '
            f'encoding={self.encoding!r}, min_depth={self.min_depth}, '
            f'max_depth={self.max_depth})'
        )
