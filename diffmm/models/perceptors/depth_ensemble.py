"""Several predictions of one depth map, aligned and merged."""

from __future__ import annotations

import torch
from diffusers import MarigoldDepthPipeline
from mmengine.registry import TASK_UTILS
from torch import Tensor


@TASK_UTILS.register_module()
class DepthEnsemble:
    """Marigold's test-time ensemble, as diffusers computes it (Marigold, 3.3).

    Each member gets a scale and a shift, so that all agree. The result is the median of
    every pixel, brought to [0, 1]; its uncertainty the median absolute deviation.

    The optimizer differentiates numerically with a step below what float32 resolves. So
    a relative change of 1e-6 of the members moves the result by 1 to 3 %.

    Example:
        >>> ensemble = TASK_UTILS.build(dict(type='DepthEnsemble', size=3))
        >>> depth, uncertainty = ensemble.merge(torch.rand(3, 1, 8, 8))
        >>> depth.shape, uncertainty.shape
        (torch.Size([1, 8, 8]), torch.Size([1, 8, 8]))

    Args:
        size: Number of members. Marigold: 10; ADDP's tables: none.
        max_iter: Steps of the alignment at most. diffusers and Marigold's CVPR version:
            2; its current code: 50, with ``tol=1e-6``.
        tol: Its tolerance.

    Raises:
        ValueError: There are less than two members.
    """

    def __init__(self, size: int = 10, max_iter: int = 2, tol: float = 1e-3) -> None:
        if size < 2:
            raise ValueError(
                f'an ensemble needs at least 2 members, got {size}; ensemble=None has '
                'none'
            )
        self.size = size
        self.max_iter = max_iter
        self.tol = tol

    def merge(self, members: Tensor) -> tuple[Tensor, Tensor]:
        """Merges the members of one image.

        Args:
            members: Relative depth, shape (E, 1, H, W).

        Returns:
            Depth and uncertainty, each (1, H, W).
        """
        with torch.autocast(members.device.type, enabled=False):
            depth, uncertainty = MarigoldDepthPipeline.ensemble_depth(
                members.float(),
                output_uncertainty=True,
                max_iter=self.max_iter,
                tol=self.tol,
            )
        return depth[0], uncertainty[0]
