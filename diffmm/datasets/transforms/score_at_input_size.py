"""A transform that lets a resized picture be scored as it is."""

from __future__ import annotations

from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS


@TRANSFORMS.register_module()
class ScoreAtInputSize(BaseTransform):
    """Scores a prediction at the size of the network's input, not of the picture.

    TADP's released segmentation of VOC squashes pictures and ground truth to 512x512,
    and its figures count those pixels. Place this transform behind ``Resize`` in a test
    pipeline that loads the annotation before it. A picture without an annotation is
    predicted at its own size.

    Required keys: ``img_shape``. Modified keys: ``ori_shape``, if there is a
    ``gt_seg_map``.

    Example:
        >>> transform = TRANSFORMS.build(dict(type='ScoreAtInputSize'))
        >>> sizes = dict(img_shape=(512, 512), ori_shape=(375, 500))
        >>> transform(dict(sizes, gt_seg_map=torch.zeros(512, 512)))['ori_shape']
        (512, 512)
        >>> transform(sizes)['ori_shape']
        (375, 500)
    """

    def transform(self, results: dict) -> dict:
        """Takes the size of the input for that of the picture.

        Args:
            results: With ``img_shape``.

        Returns:
            The same.

        Raises:
            ValueError: The annotation has another size than the input.
        """
        if 'gt_seg_map' not in results:
            return results
        size = tuple(results['img_shape'][:2])
        if tuple(results['gt_seg_map'].shape) != size:
            raise ValueError(
                f'the annotation of {results.get("img_path")} has the size '
                f'{tuple(results["gt_seg_map"].shape)}, the input {size}: load it '
                'before Resize'
            )
        results['ori_shape'] = size
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'
