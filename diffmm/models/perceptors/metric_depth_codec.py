"""Depth in meters, as a gray picture."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement, PixelData
from torch import Tensor

from .target_codec import PictureTarget, TargetCodec, picture_name


@TASK_UTILS.register_module()
class MetricDepthCodec(TargetCodec):
    """Depth in meters as gray: black at 0, white at ``max_depth`` (InstructCV).

    Pixels without depth are black, as released, but do not count (released: they do).
    InstructCV's files have 8 bits, steps of 4 cm at 10 m; here nothing is rounded.

    Example:
        >>> codec = TASK_UTILS.build(dict(type='MetricDepthCodec', max_depth=10))
        >>> from mmengine.structures import BaseDataElement, PixelData
        >>> depth = PixelData(data=torch.tensor([[[0.0, 5.0, 20.0]]]))
        >>> target = codec.encode([BaseDataElement(gt_depth_map=depth)])
        >>> target.pictures[0, 0].tolist(), target.valid[0, 0].tolist()
        ([[-1.0, 0.0, 1.0]], [[False, True, True]])
        >>> codec.decode(target.pictures)[0, 0].tolist()
        [[0.0, 5.0, 10.0]]

    Args:
        max_depth: Depth of white, in meters. InstructCV for NYUv2: 10.

    Raises:
        ValueError: It is not positive.
    """

    def __init__(self, max_depth: float = 10.0) -> None:
        if not max_depth > 0:
            raise ValueError(f'max_depth must be positive, got {max_depth}')
        self.max_depth = max_depth

    def encode(
        self, samples: Sequence[BaseDataElement], images: Tensor | None = None
    ) -> PictureTarget:
        """Draws the depth of a batch.

        Args:
            samples: With ``gt_depth_map`` in meters, shape (1, H, W); 0 and NaN are
                unknown.
            images: Not used.

        Returns:
            The pictures, and where depth is known.

        Raises:
            ValueError: A data sample has no depth map.
        """
        for sample in samples:
            if 'gt_depth_map' not in sample:
                raise ValueError(
                    f'{picture_name(sample)} has no '
                    'gt_depth_map to draw: the training pipeline needs LoadMetricDepth'
                )
        depth = torch.stack([sample.gt_depth_map.data for sample in samples]).float()
        depth = torch.where(depth.isnan(), 0, depth)
        gray = (depth / self.max_depth * 2 - 1).clamp(-1, 1)
        return PictureTarget(gray.expand(-1, 3, -1, -1), depth > 0)

    def decode(self, pictures: Tensor, reference: Tensor | None = None) -> Tensor:
        """Reads depth from pictures.

        Args:
            pictures: Shape (B, 3, H, W).
            reference: Not used.

        Returns:
            Depth in meters, shape (B, 1, H, W).
        """
        gray = pictures.mean(dim=1, keepdim=True).clamp(-1, 1)
        return (gray + 1) / 2 * self.max_depth

    def write(
        self, sample: BaseDataElement, prediction: Tensor, uncertainty: Tensor | None
    ) -> None:
        """Puts depth into a data sample.

        Args:
            sample: The data sample; gets ``pred_depth_map``.
            prediction: Depth in meters, shape (1, H, W).
            uncertainty: Not used.
        """
        sample.set_data(dict(pred_depth_map=PixelData(data=prediction)))
