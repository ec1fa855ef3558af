"""Transforms of depth that is learned up to scale and shift, as Marigold has them."""

from __future__ import annotations

import numpy as np
from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS


@TRANSFORMS.register_module()
class DepthQuantiles(BaseTransform):
    """Measures the near and the far end of a picture's depth.

    A codec draws the depth between them. Place it before ``NearestExactResize``, as in
    the released Marigold (E2E-FT measures behind it).

    Required keys: ``gt_depth_map``. Added keys: ``depth_range``, and
    ``depth_quantiles``, both NaN without any valid depth. An item without a depth map
    stays as it is.

    Example:
        >>> import numpy
        >>> transform = TRANSFORMS.build(
        ...     dict(type='DepthQuantiles', depth_range=(0, 10), shares=(0, 1)))
        >>> depth = numpy.array([[0, 1], [3, 70]], 'float32')
        >>> transform(dict(gt_depth_map=depth))['depth_quantiles']
        (1.0, 3.0)

    Args:
        depth_range: Depth is valid above the first and below the second, in meters.
            Marigold: 1e-5 and 65 for Hypersim, 1e-5 and 80 for Virtual KITTI 2.
        shares: Shares of the valid pixels that are nearer than both ends; 2 and 98 % in
            all papers.

    Raises:
        ValueError: The range is empty, or the shares are not in order.
    """

    def __init__(
        self,
        depth_range: tuple[float, float],
        shares: tuple[float, float] = (0.02, 0.98),
    ) -> None:
        if not 0 <= depth_range[0] < depth_range[1]:
            raise ValueError(
                f'depth_range must be two rising depths, got {tuple(depth_range)}'
            )
        if not 0 <= shares[0] < shares[1] <= 1:
            raise ValueError(f'shares must rise within [0, 1], got {tuple(shares)}')
        self.depth_range = tuple(depth_range)
        self.shares = tuple(shares)

    def transform(self, results: dict) -> dict:
        """Measures both ends.

        Args:
            results: With ``gt_depth_map`` (H, W) in meters.

        Returns:
            The same with the added keys.
        """
        if 'gt_depth_map' not in results:
            return results
        depth, (low, high) = results['gt_depth_map'], self.depth_range
        valid = depth[(depth > low) & (depth < high)]
        ends = np.quantile(valid, self.shares) if valid.size else (np.nan, np.nan)
        results['depth_range'] = self.depth_range
        results['depth_quantiles'] = tuple(float(end) for end in ends)
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(depth_range={self.depth_range}, '
            f'shares={self.shares})'
        )


@TRANSFORMS.register_module()
class NearestExactResize(BaseTransform):
    """Resizes a picture and its maps by picking the pixel at every pixel's center.

    The released Marigold resizes Hypersim's pictures so, too, not only their depth.
    (``Resize`` of the hosts has no such interpolation: its ``'nearest'`` picks the
    pixel at every corner.)

    Required keys: ``img``, ``seg_fields``. Modified keys: ``img``, ``img_shape``,
    ``ori_shape``, and those that ``seg_fields`` names. Place it in training only.

    Example:
        >>> import numpy
        >>> transform = TRANSFORMS.build(dict(type='NearestExactResize', scale=(2, 1)))
        >>> picture = numpy.arange(8).reshape(2, 4)
        >>> transform(dict(img=picture, seg_fields=[]))['img']
        array([[5, 7]])

    Args:
        scale: Width and height of the result. Marigold: 640 and 480.

    Raises:
        ValueError: A side is not positive.
    """

    def __init__(self, scale: tuple[int, int]) -> None:
        width, height = scale
        if width <= 0 or height <= 0:
            raise ValueError(f'scale must be positive, got {tuple(scale)}')
        self.scale = (width, height)

    def transform(self, results: dict) -> dict:
        """Resizes picture and maps.

        Args:
            results: With ``img`` (H, W, 3) and the maps (H, W).

        Returns:
            The same, resized.
        """
        size = self.scale[::-1]
        rows, columns = (
            ((np.arange(new) + 0.5) * (old / new)).astype(int)
            for new, old in zip(size, results['img'].shape[:2], strict=True)
        )
        for key in ('img', *results.get('seg_fields', [])):
            results[key] = np.ascontiguousarray(results[key][rows][:, columns])
        results['img_shape'] = results['ori_shape'] = size
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(scale={self.scale})'
