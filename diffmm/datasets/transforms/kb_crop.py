"""The region of KITTI's depth benchmark."""

from __future__ import annotations

from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS


@TRANSFORMS.register_module()
class KBCrop(BaseTransform):
    """Cuts the lowest rows and the middle columns out of a picture.

    KITTI's pictures have 370 to 376 rows and 1224 to 1242 columns. For depth on the
    Eigen split all of them are cut to the size of the benchmark's test pictures (the KB
    crop). Training, prediction and evaluation happen in that frame, so ``ori_shape``
    becomes that of the crop.

    Place it behind ``LoadMetricDepth``, which compares the sizes of picture and depth
    map. An item without ``depth_map_path`` (a picture for prediction only) stays whole.

    Required keys: ``img``, ``seg_fields``. Modified keys: ``img``, ``img_shape``,
    ``ori_shape``, and those that ``seg_fields`` names.

    Example:
        >>> import numpy
        >>> transform = TRANSFORMS.build(dict(type='KBCrop'))
        >>> picture = numpy.zeros((375, 1242, 3), 'uint8')
        >>> results = dict(img=picture, seg_fields=[], depth_map_path='depth.png')
        >>> transform(results)['img'].shape
        (352, 1216, 3)

    Args:
        crop_size: Height and width of the region; 352 and 1216 in all papers.

    Raises:
        ValueError: A side is not positive.
    """

    def __init__(self, crop_size: tuple[int, int] = (352, 1216)) -> None:
        height, width = crop_size
        if height <= 0 or width <= 0:
            raise ValueError(f'crop_size must be positive, got {tuple(crop_size)}')
        self.crop_size = (height, width)

    def transform(self, results: dict) -> dict:
        """Cuts picture and depth map.

        Args:
            results: With ``img`` (H, W, 3) and, in the maps that ``seg_fields`` names,
                (H, W).

        Returns:
            The same, cut.

        Raises:
            ValueError: The picture is smaller than the region.
        """
        if 'depth_map_path' not in results:
            return results
        size = results['img'].shape[:2]
        height, width = self.crop_size
        if size[0] < height or size[1] < width:
            raise ValueError(
                f'{results.get("img_path")} has {size[0]}x{size[1]} pixels, fewer than '
                f'the region of {height}x{width} to cut; it is not one of KITTI, or '
                'give KBCrop another crop_size'
            )
        top, left = size[0] - height, (size[1] - width) // 2
        region = (slice(top, top + height), slice(left, left + width))
        for key in ('img', *results.get('seg_fields', [])):
            results[key] = results[key][region]
        results['img_shape'] = results['ori_shape'] = self.crop_size
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(crop_size={self.crop_size})'
