# Needs mmsegmentation.
"""A feature pyramid without output convolutions."""

from __future__ import annotations

from typing import Any

from mmengine.registry import MODELS
from mmseg.models.necks import FPN
from torch import nn


@MODELS.register_module()
class LateralFPN(FPN):
    """mmsegmentation's ``FPN`` without the 3x3 convolutions behind its sums.

    Pyramid of segmentation_models.pytorch's FPN decoder, which TADP's released
    segmentation of VOC has. mmsegmentation's ``FPNHead`` with group norm and
    ``align_corners=True`` is the rest of that decoder.

    Example:
        >>> neck = MODELS.build(dict(
        ...     type='LateralFPN', in_channels=[32, 64], out_channels=16, num_outs=2))
        >>> [tuple(each.shape) for each in neck(
        ...     [torch.zeros(1, 32, 8, 8), torch.zeros(1, 64, 4, 4)])]
        [(1, 16, 8, 8), (1, 16, 4, 4)]

    Its arguments are those of ``FPN``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fpn_convs = nn.ModuleList(nn.Identity() for _ in self.fpn_convs)
