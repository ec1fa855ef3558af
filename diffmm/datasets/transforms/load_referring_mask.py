"""Mask of the object that an expression refers to."""

from __future__ import annotations

from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS

from ..coco_segmentation import decode_union


@TRANSFORMS.register_module()
class LoadReferringMask(BaseTransform):
    """Draws an object's polygons or run lengths as a class map.

    The union of all polygons is 1 and the rest 0. VPD's released code turns pixels in
    two polygons of an object into background, see ``decode_union``.

    Place it before ``Resize`` in training. Place it after ``Resize`` in a test, where
    the map keeps the picture's own size. An item without ``segmentation`` (a picture
    for prediction only) stays as it is.

    Required keys: ``segmentation``, ``height``, ``width``, ``ori_shape``. Added keys:
    ``gt_seg_map`` (height, width) uint8, also in ``seg_fields``.

    Example:
        >>> transform = TRANSFORMS.build(dict(type='LoadReferringMask'))
        >>> square = [[0, 0, 2, 0, 2, 2, 0, 2]]
        >>> size = dict(height=3, width=4, ori_shape=(3, 4))
        >>> results = transform(dict(segmentation=square, seg_fields=[], **size))
        >>> results['gt_seg_map'].tolist()
        [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]]
    """

    def transform(self, results: dict) -> dict:
        """Draws the mask.

        Args:
            results: With the required keys.

        Returns:
            The same with the added ones.

        Raises:
            ValueError: The picture has another size than its annotation, or the
                segmentation is not valid.
        """
        if 'segmentation' not in results:
            return results
        size = (results['height'], results['width'])
        if tuple(results['ori_shape'][:2]) != size:
            raise ValueError(
                f'{results["img_path"]} is {tuple(results["ori_shape"][:2])} pixels '
                f'high and wide, but its annotation says {size}: it is not the picture '
                'of the data set'
            )
        try:
            results['gt_seg_map'] = decode_union(results['segmentation'], *size)
        except ValueError as error:
            raise ValueError(
                f'reference {results.get("ref_id")} on {results["img_path"]}: {error}'
            ) from error
        results.setdefault('seg_fields', []).append('gt_seg_map')
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'
