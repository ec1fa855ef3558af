# Needs mmsegmentation.
"""Loading of class maps (fast, or of 16 bits) and of depth maps (checked)."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from mmengine import fileio
from mmengine.registry import TRANSFORMS
from mmseg.datasets.transforms import LoadAnnotations, LoadDepthAnnotation


@TRANSFORMS.register_module()
class LoadMappedLabels(LoadAnnotations):
    """mmsegmentation's ``LoadAnnotations`` that renumbers with one table.

    The host goes through the whole map once for every entry of the data set's
    ``label_map``. That is slow for Mapillary Vistas with its 66 classes and ten million
    pixels. The result is the same.

    Arguments and keys are those of ``LoadAnnotations``.

    Example:
        >>> transform = TRANSFORMS.build(dict(type='LoadMappedLabels'))
    """

    def transform(self, results: dict) -> dict:
        """Reads the class map.

        Args:
            results: With ``seg_map_path``, ``label_map``, ``reduce_zero_label`` and
                ``seg_fields``.

        Returns:
            The same with ``gt_seg_map`` (H, W) uint8.
        """
        mapping = results.get('label_map')
        results['label_map'] = None
        results = super().transform(results)
        results['label_map'] = mapping
        if mapping is not None:
            results['gt_seg_map'] = _table(mapping)[results['gt_seg_map']]
        return results


def _table(mapping: Mapping[int, int]) -> np.ndarray:
    """New number of every number that a byte can hold."""
    table = np.arange(256, dtype=np.uint8)
    table[list(mapping)] = list(mapping.values())
    return table


@TRANSFORMS.register_module()
class LoadWideLabels(LoadAnnotations):
    """mmsegmentation's ``LoadAnnotations`` for class maps of 16 bits.

    The host cuts labels to 8 bits. This transform reads one channel of uint8 or uint16
    and changes nothing, so that 65535 stays the ignored label.

    Required keys: ``seg_map_path``, ``seg_fields``. Added key: ``gt_seg_map`` (H, W) of
    the file's type.

    Example:
        >>> transform = TRANSFORMS.build(dict(type='LoadWideLabels'))

    Args:
        backend_args: Of MMEngine's file backend.
    """

    def __init__(self, backend_args: dict | None = None) -> None:
        super().__init__(backend_args=backend_args, imdecode_backend='cv2')

    def _load_seg_map(self, results: dict) -> None:
        path = results['seg_map_path']
        if results.get('reduce_zero_label') or results.get('label_map'):
            raise ValueError(
                'LoadWideLabels neither lowers nor renumbers labels: leave '
                'reduce_zero_label and metainfo out of the data set of '
                f'{path}'
            )
        content = np.frombuffer(fileio.get(path, self.backend_args), np.uint8)
        labels = cv2.imdecode(content, cv2.IMREAD_UNCHANGED) if content.size else None
        if labels is None:
            raise ValueError(f'{path} is no readable image; get the file again')
        if labels.ndim != 2 or labels.dtype not in (np.uint8, np.uint16):
            raise ValueError(
                f'{path} has the shape {labels.shape} and type {labels.dtype}; a class '
                'map has one channel of 8 or 16 bits'
            )
        results['gt_seg_map'] = labels
        results['seg_fields'].append('gt_seg_map')


@TRANSFORMS.register_module()
class LoadMetricDepth(LoadDepthAnnotation):
    """mmsegmentation's ``LoadDepthAnnotation`` that refuses files of another kind.

    The host takes any image for a depth map: an 8-bit preview, three channels, meters
    as integers, or millimeters without a factor. Here a file must have one channel of
    16 bits and the size of the picture, and its farthest pixel must be at a plausible
    distance. A map without a valid pixel (all zero) passes: loss and metric skip it.

    As in the host, place it before ``Resize`` and crops in training, and after
    ``Resize`` in a test, where the map keeps its own size. An item without
    ``depth_map_path``, or with ``without_depth`` (a picture for prediction only), stays
    as it is.

    Required keys: ``depth_map_path``, ``seg_fields``; ``ori_shape`` if the picture is
    loaded. Added keys: ``gt_depth_map`` (H, W) float32, ``depth_rescale_factor``.

    Example:
        >>> transform = TRANSFORMS.build(
        ...     dict(type='LoadMetricDepth', depth_rescale_factor=1 / 256))  # KITTI

    Args:
        depth_rescale_factor: Meters per unit of the file. NYUv2: 1e-3; KITTI: 1 / 256.
        plausible: Smallest and largest distance in meters that the farthest pixel may
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
            ValueError: The file is no depth map of this picture.
        """
        path = results.get('depth_map_path')
        if path is None or results.get('without_depth'):
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
                f'{low:g} to {high:g} m. The file must hold millimeters for a factor '
                'of 0.001 (NYUv2), or 256 units a meter for one of 1/256 (KITTI)'
            )

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(depth_rescale_factor={self.depth_rescale_factor}, '
            f'plausible={self.plausible}, backend_args={self.backend_args})'
        )
