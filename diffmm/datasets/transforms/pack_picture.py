"""Transform that packs a picture without annotations of its pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS
from mmengine.structures import BaseDataElement


@TRANSFORMS.register_module()
class PackPicture(BaseTransform):
    """Packs a picture and what is known about it as a whole.

    Example:
        >>> import numpy
        >>> pack = TRANSFORMS.build(dict(type='PackPicture', keys=('gt_label',)))
        >>> packed = pack(dict(img=numpy.zeros((4, 6, 3), 'u1'), gt_label=2))
        >>> tuple(packed['inputs'].shape), packed['data_samples'].gt_label
        ((3, 4, 6), 2)

    Args:
        keys: What the data sample's metainfo holds.
    """

    def __init__(
        self, keys: Sequence[str] = ('img_path', 'gt_label', 'role', 'caption')
    ) -> None:
        self.keys = tuple(keys)

    def transform(self, results: dict) -> dict:
        """Packs the picture.

        Args:
            results: With ``img`` (H, W, 3) and the keys.

        Returns:
            ``inputs`` (3, H, W) and ``data_samples``.

        Raises:
            KeyError: A key is missing.
        """
        missing = [key for key in self.keys if key not in results]
        if missing:
            raise KeyError(
                f'{results.get("img_path")} has no {missing}; it has {sorted(results)}'
            )
        image = np.ascontiguousarray(results['img'].transpose(2, 0, 1))
        meta = {key: results[key] for key in self.keys}
        return dict(
            inputs=torch.from_numpy(image), data_samples=BaseDataElement(metainfo=meta)
        )

    def __repr__(self) -> str:
        return f'{type(self).__name__}(keys={self.keys})'
