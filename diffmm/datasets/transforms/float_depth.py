# Needs mmsegmentation.
"""Loading of depth maps of floats, as ETH3D and DIODE have them."""

from __future__ import annotations

import io

import numpy as np
from mmcv.transforms import BaseTransform
from mmengine import fileio
from mmengine.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadFloatDepth(BaseTransform):
    """Reads depth in meters from a NumPy file, or from float32 without a header.

    A file ending in ``.npy`` is a NumPy array (H, W) or (H, W, 1), as in DIODE. Any
    other file holds the values alone, row by row, little-endian float32, as in ETH3D;
    its size is that of the picture. What is not finite, and what the mask leaves out,
    becomes 0: unknown.

    As ``LoadMetricDepth``, place it before ``Resize`` and crops in training, and after
    ``Resize`` in a test. An item without ``depth_map_path`` stays as it is.

    Required keys: ``depth_map_path``, ``seg_fields``, ``ori_shape``; optional
    ``depth_mask_path``, a NumPy file (H, W) that is not 0 where depth is known. Added
    key: ``gt_depth_map`` (H, W) float32.

    Example:
        >>> transform = TRANSFORMS.build(dict(type='LoadFloatDepth'))

    Args:
        backend_args: Of MMEngine's file backend.
    """

    def __init__(self, backend_args: dict | None = None) -> None:
        self.backend_args = backend_args

    def transform(self, results: dict) -> dict:
        """Reads the depth map.

        Args:
            results: With the required keys.

        Returns:
            The same with the added one.

        Raises:
            ValueError: A file is no depth map or mask of this picture.
        """
        path = results.get('depth_map_path')
        if path is None:
            return results
        size = tuple(results['ori_shape'][:2])
        read = self._read_array if path.endswith('.npy') else self._read_raw
        depth = read(path, size).astype(np.float32)
        known = np.isfinite(depth)
        if 'depth_mask_path' in results:
            known &= self._read_array(results['depth_mask_path'], size) != 0
        results['gt_depth_map'] = np.where(known, depth, np.float32(0))
        results['seg_fields'].append('gt_depth_map')
        return results

    def _read_array(self, path: str, size: tuple[int, int]) -> np.ndarray:
        content = fileio.get(path, self.backend_args)
        try:
            array = np.load(io.BytesIO(content), allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise ValueError(
                f'{path} is no intact NumPy file ({error}); get the file again'
            ) from error
        if array.ndim == 3 and array.shape[2] == 1:
            array = array[..., 0]
        if array.shape != size:
            raise ValueError(
                f'{path} has the shape {array.shape} and its picture '
                f'{size[0]}x{size[1]} pixels; they must agree'
            )
        return array

    def _read_raw(self, path: str, size: tuple[int, int]) -> np.ndarray:
        content = fileio.get(path, self.backend_args)
        expected = 4 * size[0] * size[1]
        if len(content) != expected:
            raise ValueError(
                f'{path} has {len(content)} bytes, not the {expected} of float32 depth '
                f'for {size[0]}x{size[1]} pixels; get the file again, or the picture '
                'in its full size'
            )
        return np.frombuffer(content, '<f4').reshape(size)

    def __repr__(self) -> str:
        return f'{type(self).__name__}(backend_args={self.backend_args})'
