"""Depth up to scale and shift, as a gray picture."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import torch
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement, PixelData
from torch import Tensor

from .target_codec import PictureTarget, TargetCodec, picture_name


@TASK_UTILS.register_module()
class AffineDepthCodec(TargetCodec):
    """Depth as gray: from black, the near end, to white, the far end (Marigold, 3.1).

    ``DepthQuantiles`` measures both ends, the 2 and 98 % quantiles of the valid depth,
    in the training pipeline. Depth in between is drawn linearly, all else is cut off.
    Pixels without valid depth are drawn, too (unknown ones black, the sky white, as
    released), but do not count.

    A map without valid depth, or of one depth only, cannot be drawn. It has no part in
    the loss. The first one causes a warning; ``num_skipped`` counts all.

    Example:
        >>> codec = TASK_UTILS.build(dict(type='AffineDepthCodec'))
        >>> from mmengine.structures import BaseDataElement, PixelData
        >>> depth = PixelData(data=torch.tensor([[[0.0, 1.0], [2.0, 3.0]]]))
        >>> sample = BaseDataElement(gt_depth_map=depth, metainfo=dict(
        ...     depth_range=(0.0, 10.0), depth_quantiles=(1.0, 3.0)))
        >>> target = codec.encode([sample])
        >>> target.pictures[0, 0].tolist()
        [[-1.0, -1.0], [0.0, 1.0]]
        >>> target.valid[0, 0].tolist()
        [[False, True], [True, True]]
        >>> codec.decode(target.pictures)[0, 0].tolist()
        [[0.0, 0.0], [0.5, 1.0]]

    Attributes:
        num_skipped: Number of maps that could not be drawn so far, in this process.
    """

    def __init__(self) -> None:
        self.num_skipped = 0

    def encode(
        self, samples: Sequence[BaseDataElement], images: Tensor | None = None
    ) -> PictureTarget:
        """Draws the depth of a batch.

        Args:
            samples: Data samples with ``gt_depth_map`` in meters, (1, H, W), where 0
                and NaN are unknown, and in their metainfo ``depth_range``, the open
                range of valid depth, and ``depth_quantiles``.
            images: Not used.

        Returns:
            The pictures, and where depth is valid.

        Raises:
            ValueError: A data sample lacks one of these.
        """
        drawn = [self._draw(sample) for sample in samples]
        pictures, valid = (torch.stack(part) for part in zip(*drawn, strict=True))
        self._count_skipped(valid)
        return PictureTarget(pictures, valid)

    def decode(self, pictures: Tensor, reference: Tensor | None = None) -> Tensor:
        """Reads depth from pictures.

        Args:
            pictures: Shape (B, 3, H, W).
            reference: Not used.

        Returns:
            Relative depth from 0, near, to 1, far, shape (B, 1, H, W).
        """
        return (pictures.mean(dim=1, keepdim=True).clamp(-1, 1) + 1) / 2

    def to_meters(self, samples: Sequence[BaseDataElement], gray: Tensor) -> Tensor:
        """Turns drawn targets back into meters, cut off at both ends.

        Args:
            samples: As for `encode`.
            gray: The mean of the drawn channels, in [-1, 1], shape (B, 1, H, W).

        Returns:
            Depth in meters, shape (B, 1, H, W); 0 for a map that cannot be drawn.
        """
        ends = torch.tensor([each.metainfo['depth_quantiles'] for each in samples])
        near, far = ends.nan_to_num().to(gray).view(-1, 2, 1, 1, 1).unbind(1)
        return near + (gray + 1) / 2 * (far - near)

    def write(
        self, sample: BaseDataElement, prediction: Tensor, uncertainty: Tensor | None
    ) -> None:
        """Puts depth into a data sample.

        Args:
            sample: The data sample; gets ``pred_depth_map``, and with an ensemble
                ``depth_uncertainty``.
            prediction: Relative depth, shape (1, H, W).
            uncertainty: The same of the members' deviation, or None.
        """
        fields = dict(pred_depth_map=PixelData(data=prediction))
        if uncertainty is not None:
            fields['depth_uncertainty'] = PixelData(data=uncertainty)
        sample.set_data(fields)

    def _draw(self, sample: BaseDataElement) -> tuple[Tensor, Tensor]:
        meta = sample.metainfo
        lacking = [key for key in ('depth_range', 'depth_quantiles') if key not in meta]
        if lacking or 'gt_depth_map' not in sample:
            raise ValueError(
                f'{picture_name(sample)} lacks '
                f'{lacking or "gt_depth_map"}: the training pipeline needs a depth '
                "map, DepthQuantiles, and in the packing transform's meta_keys "
                "'depth_range' and 'depth_quantiles'"
            )
        depth = sample.gt_depth_map.data.float()
        depth = torch.where(depth.isnan(), 0, depth)
        (low, high), (near, far) = meta['depth_range'], meta['depth_quantiles']
        valid = (depth > max(low, 0)) & (depth < high)
        if not far > near:  # nothing valid (both NaN), or one depth
            return torch.zeros(3, *depth.shape[1:]).to(depth), valid & False
        gray = ((depth - near) / (far - near) * 2 - 1).clamp(-1, 1)
        return gray.expand(3, -1, -1), valid

    def _count_skipped(self, valid: Tensor) -> None:
        skipped = int((~valid.flatten(1).any(dim=1)).sum())
        if skipped and not self.num_skipped:
            warnings.warn(
                f'{skipped} of {len(valid)} depth maps have no valid depth, or one '
                'depth only, and are left out of the loss. Later ones are counted in '
                "the codec's `num_skipped` without another warning",
                stacklevel=3,
            )
        self.num_skipped += skipped
