# Needs mmsegmentation.
"""Segmentation by names alone: what every place of a picture attends to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import matplotlib
import numpy as np
import torch
import torch.nn.functional as F

from .features import FeatureExtractor
from .image_input import Picture, to_bgr
from .segmentation import SegmentedImage

# Where the attention of `mini` is sharpest (docs/pretraining.md).
_TIMESTEP = 50
_ATTENTION = dict(stages=('down', 'up'), max_size=64)


class NameSegmenter:
    """A pre-trained backbone that divides pictures among names, without any training.

    Every place gets the name to which it pays the most attention. So each place gets
    one, even if the picture shows nothing that was named.

    Example:
        >>> segmenter = NameSegmenter(['sky', 'grass', 'tree'])
        >>> segmenter('photo.jpg').save_overlay('named.png')

    Args:
        names: At least two different ones.
        backbone: As for `FeatureExtractor`.
        side: Pictures are resized so that their shorter side has this many pixels;
            ``mini`` was trained with 128. At least 64.
        device: Where it runs.
        **options: Further arguments of `get_backbone`.

    Raises:
        ValueError: There are fewer than two names, two equal ones, or the side is too
            small.
    """

    def __init__(
        self,
        names: Sequence[str],
        backbone: str = 'mini',
        side: int = 128,
        device: str = 'cpu',
        **options: Any,
    ) -> None:
        if len(names) < 2:
            raise ValueError(f'there is nothing to divide among {list(names)}')
        if side < 64:
            raise ValueError(f'side must be at least 64, got {side}')
        self.side = side
        options = (
            dict(attention=_ATTENTION, timestep=_TIMESTEP, latent_scale=0.18215)
            | options
        )
        self.extractor = FeatureExtractor(backbone, list(names), device, **options)
        self.names = tuple(names)
        colors = matplotlib.colormaps['tab20'](np.arange(len(names)) % 20, bytes=True)
        self.palette = tuple(tuple(map(int, color[:3])) for color in colors)

    def __call__(self, picture: Picture) -> SegmentedImage:
        """Divides a picture.

        Args:
            picture: The picture, see `to_bgr`.

        Returns:
            The picture with the name of every pixel.

        Raises:
            Exception: As `FeatureExtractor`.
        """
        image = to_bgr(picture)
        height, width = image.shape[:2]
        scale = self.side / min(height, width)
        size = (max(64, round(width * scale)), max(64, round(height * scale)))
        features = self.extractor(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
        maps = torch.stack(list(features.attention.values()))  # (N, h, w)
        # The maps may reach over the picture's border.
        stride = features.attention_stride
        fine = F.interpolate(maps[None], scale_factor=stride, mode='bilinear')[0]
        fine = fine[:, : size[1], : size[0]]
        fine = F.interpolate(fine[None], (height, width), mode='bilinear')[0]
        class_map = fine.argmax(dim=0).cpu().numpy()
        return SegmentedImage(image, class_map, self.names, self.palette)
