"""Cross-attention maps as pictures, one per class name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .heat_map import overlay_heat_map
from .image_grid import draw_image_grid


def merge_attention_maps(
    attention_maps: Mapping[int, Tensor], strides: Sequence[int] | None = None
) -> tuple[Tensor, int]:
    """Averages the maps of several resolutions on the grid of the finest.

    A map of stride ``s`` is enlarged ``s / finest`` times and cropped. It is not
    stretched: if the image's size is no multiple of ``s``, the map covers more than the
    image.

    Args:
        attention_maps: Attention probabilities, ``{stride: (B, names, h, w)}``.
        strides: Strides of the maps to average; None takes all.

    Returns:
        The mean ``(B, names, h, w)`` in float32 and its stride. Probabilities that sum
        to 1 over the names at each stride still do.

    Raises:
        ValueError: If there are no maps, or none of a given stride.
    """
    if not attention_maps:
        raise ValueError(
            'the backbone captured no attention maps; ask for them in its config, e.g. '
            "attention=dict(stages=('down', 'up'), max_size=32)"
        )
    chosen = sorted(attention_maps) if strides is None else sorted(strides)
    unknown = [stride for stride in chosen if stride not in attention_maps]
    if unknown or not chosen:
        raise ValueError(
            f'there are no attention maps at strides {unknown or list(chosen)}; choose '
            f'from {sorted(attention_maps)}'
        )
    finest = chosen[0]
    size = attention_maps[finest].shape[-2:]
    total = torch.zeros_like(attention_maps[finest], dtype=torch.float32)
    for stride in chosen:
        total += _enlarge(attention_maps[stride].float(), stride / finest, size)
    return total / len(chosen), finest


def draw_cross_attention(
    image: np.ndarray,
    attention: Tensor,
    stride: int,
    names: Sequence[str],
    top_k: int = 5,
    rank_by: str = 'peak',
    selected: Sequence[str] | None = None,
    alpha: float = 0.6,
) -> np.ndarray:
    """Draws an image and, beside it, the attention to single names.

    Every map is colored over its own range. The captions show its peak and mean.

    Args:
        image: RGB image, ``(H, W, 3)`` uint8: the network's input.
        attention: Maps of this image, ``(names, h, w)``.
        stride: Pixels of the image per cell of the maps.
        names: Name of every map.
        top_k: How many names to draw.
        rank_by: ``'peak'`` or ``'mean'``: what of a map decides how strong it is.
        selected: Draw these names, in this order, instead of the strongest.
        alpha: Weight of the colors over the image.

    Returns:
        RGB image of the grid, uint8.

    Raises:
        ValueError: If names and maps differ in number, or a selected name or
            ``rank_by`` is unknown.
    """
    if attention.ndim != 3 or len(attention) != len(names):
        raise ValueError(
            f'{len(names)} names need attention of shape ({len(names)}, h, w), but '
            f'got {tuple(attention.shape)}'
        )
    if selected is not None:
        channels = find_names(selected, names)
    else:
        channels = _strongest(attention, top_k, rank_by)
    size = image.shape[:2]
    fine = _enlarge(attention[channels][None].float(), stride, size)[0].cpu().numpy()
    tiles, captions = [image], ['input']
    for channel, heat_map in zip(channels, fine, strict=True):
        coarse = attention[channel]
        tiles.append(overlay_heat_map(image, heat_map, alpha=alpha))
        captions.append(
            f'{names[channel]}\npeak {coarse.max():.2f}, mean {coarse.mean():.2f}'
        )
    return draw_image_grid(tiles, captions)


def find_names(selected: Sequence[str], names: Sequence[str]) -> list[int]:
    """Finds the positions of names in a list of names.

    Args:
        selected: The names to find.
        names: The list.

    Returns:
        One position per selected name.

    Raises:
        ValueError: If a name is not in the list; the message suggests close ones.
    """
    positions = {name: index for index, name in enumerate(names)}
    for name in selected:
        if name not in positions:
            close = difflib.get_close_matches(name, names)
            hint = f'did you mean one of {close}?' if close else f'there are {names}'
            raise ValueError(f'no attention map is named {name!r}; {hint}')
    return [positions[name] for name in selected]


def _strongest(attention: Tensor, top_k: int, rank_by: str) -> list[int]:
    if rank_by == 'peak':
        scores = attention.amax(dim=(1, 2))
    elif rank_by == 'mean':
        scores = attention.mean(dim=(1, 2))
    else:
        raise ValueError(f"rank_by must be 'peak' or 'mean', but got {rank_by!r}")
    return scores.topk(min(top_k, len(scores))).indices.tolist()


def _enlarge(maps: Tensor, factor: float, size: tuple[int, int]) -> Tensor:
    """Enlarges ``(B, C, h, w)`` by a factor and crops it to ``size``."""
    height, width = (int(side * factor) for side in maps.shape[-2:])
    if height < size[0] or width < size[1]:
        raise ValueError(
            f'maps of {tuple(maps.shape[-2:])} cells, enlarged {factor:g} times, do '
            f'not cover {tuple(size)}; check the stride'
        )
    if factor != 1:
        maps = F.interpolate(
            maps, size=(height, width), mode='bilinear', align_corners=False
        )
    return maps[..., : size[0], : size[1]]
