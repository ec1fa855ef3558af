# Needs mmsegmentation.
"""Depth maps in metres, checked."""

from __future__ import annotations

import cv2
import numpy as np
from mmengine import fileio
from mmengine.registry import TRANSFORMS
from mmseg.datasets.transforms import LoadDepthAnnotation


@TRANSFORMS.register_module()
class LoadMetricDepth(LoadDepthAnnotation):
    """mmsegmentation's ``LoadDepthAnnotation`` that refuses what is no depth map.

    The host takes any image for a depth map: an 8-bit preview, three channels, metres
    written as integers, or millimetres that nothing rescales. Here a file has to have
    one channel of 16 bits and the size of the picture, and its farthest pixel has to
    lie in a plausible range. A map without any valid pixel (all zero) is left to the
    loss and the metric, which skip and count it.

    As in the host, place it before ``Resize`` and crops in training, and after
    ``Resize`` in a test, where the map keeps its own size. An item without
    ``depth_map_path``, a picture that is only predicted, stays as it is.

    Required keys: ``depth_map_path``, ``seg_fields``; ``ori_shape`` if the picture is
    loaded. Added keys: ``gt_depth_map`` (H, W) float32, ``depth_rescale_factor``.

    Args:
        depth_rescale_factor: Metres per unit of the file. NYUv2: 1e-3; KITTI: 1 / 256.
        plausible: Smallest and largest distance in metres that the farthest pixel may
            have.
        backend_args: Of MMEngine's file backend.
    """

    def __init__(
        self,
        depth_rescale_factor: float = 1e-3,
        plausible: tuple[float, float] = (0.1, 1000.0),
        backend_args: dict | None = None,
    ) -> None:
        super().__init__(
            depth_rescale_factor=depth_rescale_factor, backend_args=backend_args
        )
        self.plausible = plausible

    def transform(self, results: dict) -> dict:
        """Reads the depth map.

        Args:
            results: With the required keys.

        Returns:
            The same with the added ones.

        Raises:
            ValueError: If it is no depth map of this picture.
        """
        path = results.get('depth_map_path')
        if path is None:
            return results
        content = np.frombuffer(fileio.get(path, self.backend_args), np.uint8)
        units = cv2.imdecode(content, cv2.IMREAD_UNCHANGED) if content.size else None
        self._check_file(units, path, results.get('ori_shape'))
        depth = units.astype(np.float32) * self.depth_rescale_factor
        self._check_scale(float(depth.max()), int(units.max()), path)
        results['gt_depth_map'] = depth
        results['seg_fields'].append('gt_depth_map')
        results['depth_rescale_factor'] = self.depth_rescale_factor
        return results

    def _check_file(
        self, units: np.ndarray | None, path: str, size: tuple[int, ...] | None
    ) -> None:
        if units is None:
            raise ValueError(f'{path} is no readable image; get the file again')
        if units.dtype != np.uint16 or units.ndim != 2:
            channels = 1 if units.ndim == 2 else units.shape[2]
            raise ValueError(
                f'{path} has {channels} channel(s) of {units.dtype}; a depth map is a '
                'PNG with one channel of uint16'
            )
        if size is not None and units.shape != tuple(size[:2]):
            raise ValueError(
                f'{path} is {units.shape[0]}x{units.shape[1]} and its picture '
                f'{size[0]}x{size[1]} pixels; they must agree'
            )

    def _check_scale(self, farthest: float, units: int, path: str) -> None:
        low, high = self.plausible
        if units and not low <= farthest <= high:
            raise ValueError(
                f'the farthest pixel of {path} is at {farthest:g} m ({units} times '
                f'depth_rescale_factor={self.depth_rescale_factor:g}), outside '
                f'{low:g} to {high:g} m. The file must hold millimetres for a factor '
                'of 0.001 (NYUv2), or 256 units a metre for one of 1/256 (KITTI)'
            )

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(depth_rescale_factor={self.depth_rescale_factor}, '
            f'plausible={self.plausible}, backend_args={self.backend_args})'
        )
