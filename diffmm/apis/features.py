"""The features of a picture, and where the picture's words are in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from diffmm.models.backbones import StableDiffusionBackbone
from diffmm.utils.picture_file import write_picture
from diffmm.visualization import draw_cross_attention, merge_attention_maps

from .catalog import get_backbone
from .image_input import Picture, to_bgr


@dataclass(frozen=True)
class PictureFeatures:
    """The features of one picture.

    Attributes:
        image: BGR picture ``(H, W, 3)``, uint8.
        maps: Feature maps, fine to coarse, ``(C_i, ceil(H / s_i), ceil(W / s_i))``,
            attention channels included.
        strides: The stride ``s_i`` of every map, in pixels of the picture.
        attention: By class name, the share of attention that each place pays to it,
            ``(ceil(H / s), ceil(W / s))``: the mean over the captured strides, on the
            grid of the finest. At each place the shares sum to 1.
        attention_stride: The stride ``s`` of the attention maps; 0 without attention.
    """

    image: np.ndarray
    maps: tuple[Tensor, ...]
    strides: tuple[int, ...]
    attention: dict[str, Tensor]
    attention_stride: int

    def draw(self, names: Sequence[str] | None = None, top_k: int = 5) -> np.ndarray:
        """Draws the picture and, beside it, its attention maps.

        Args:
            names: The class names to draw; None draws those with the highest peaks.
            top_k: The number of names to draw where ``names`` is None.

        Returns:
            RGB picture of the grid, uint8.

        Raises:
            ValueError: If a name is unknown, no attention was captured, or nothing is
                to be drawn.
        """
        if not self.attention:
            raise ValueError(
                'there are no attention maps: give the extractor classes=[...]'
            )
        if (top_k < 1 and names is None) or (names is not None and len(names) == 0):
            raise ValueError(
                f'names={names!r}, top_k={top_k} draws nothing: name a class, or give '
                'top_k=1 or more'
            )
        return draw_cross_attention(
            self.image[..., ::-1],
            torch.stack(list(self.attention.values())),
            self.attention_stride,
            list(self.attention),
            top_k,
            selected=names,
        )

    def save_drawing(
        self, path: str | Path, names: Sequence[str] | None = None, top_k: int = 5
    ) -> None:
        """Writes `draw` to an image file, making its folder.

        Args:
            path: The file, ending in .png or .jpg.
            names: As in `draw`.
            top_k: As in `draw`.

        Raises:
            ValueError: As `draw`, or if the file cannot be written.
        """
        write_picture(path, self.draw(names, top_k)[..., ::-1])


class FeatureExtractor:
    """A backbone that reads pictures.

    Example:
        >>> extractor = FeatureExtractor('mini', classes=['sky', 'tree', 'person'])
        >>> features = extractor('photo.jpg')
        >>> features.attention['tree'].shape

    Args:
        backbone: One of `list_backbones`, or a backbone that is built.
        classes: Class names, each of which gets an attention map; see `get_backbone`.
        device: Where to run, for example ``'cuda:0'``.
        **options: Further arguments of `get_backbone`.

    Raises:
        ValueError: If the name is unknown, two classes have one name, or there are
            options for a built backbone.
    """

    def __init__(
        self,
        backbone: str | StableDiffusionBackbone = 'mini',
        classes: Sequence[str] | str | None = None,
        device: str = 'cpu',
        **options: Any,
    ) -> None:
        if not isinstance(backbone, nn.Module):
            backbone = get_backbone(backbone, classes, **options)
        elif classes is not None or options:
            raise ValueError(
                'classes and options belong to a backbone that is given by name; this '
                f'one is built: {type(backbone).__name__}'
            )
        names = backbone.prompt.names
        repeated = [name for name, count in Counter(names).items() if count > 1]
        if repeated:
            raise ValueError(
                f'the class name {repeated[0]!r} occurs twice: give every class a name '
                'of its own'
            )
        self.backbone = backbone.to(device).eval()
        self.device = device

    @torch.no_grad()
    def __call__(self, picture: Picture) -> PictureFeatures:
        """Extracts the features of one picture.

        Args:
            picture: An image file, a PIL image, or a BGR array; see `to_bgr`. Both
                sides need 64 pixels or more.

        Returns:
            Its features.

        Raises:
            FileNotFoundError: If there is no such file.
            TypeError: If it is no picture.
            ValueError: If it is damaged, too small, or its meaning is not clear.
        """
        image = to_bgr(picture)
        rgb = torch.from_numpy(np.ascontiguousarray(image[..., ::-1]))
        pixels = rgb.permute(2, 0, 1)[None].to(self.device).float() / 127.5 - 1
        features = self.backbone(pixels)
        attention, stride = {}, 0
        if features.attention_maps:
            merged, stride = merge_attention_maps(features.attention_maps)
            attention = dict(zip(self.backbone.prompt.names, merged[0], strict=True))
        return PictureFeatures(
            image,
            tuple(feature[0] for feature in features),
            tuple(info.stride for info in self.backbone.feature_info),
            attention,
            stride,
        )
