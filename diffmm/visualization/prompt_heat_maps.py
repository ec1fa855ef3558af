"""Pictures of rearranged features, one per prompt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor
from torch.nn import functional as F

from .heat_map import overlay_heat_map
from .image_grid import draw_image_grid


def draw_prompt_heat_maps(
    image: np.ndarray,
    rearranged: Tensor,
    prompts: Sequence[int],
    pixels_per_cell: float,
    alpha: float = 0.6,
) -> np.ndarray:
    """Draws an image and, beside it, the rearranged features of single prompts.

    Meta Prompts, section 5 and figures 3 to 6: each prompt's feature is enlarged
    bilinearly to the image, normalized to its own range and laid over it. The captions
    show that range.

    Args:
        image: RGB image, ``(H, W, 3)`` uint8: the network's input.
        rearranged: Rearranged features of this image, ``(N, h, w)``.
        prompts: Numbers of the prompts to draw, from 0 on, in this order.
        pixels_per_cell: Pixels of the image per cell of the features. Cells beyond the
            right and lower edge of the image belong to padding and are cut off.
        alpha: Weight of the colors over the image.

    Returns:
        RGB image of the grid, uint8.

    Raises:
        ValueError: If there is no such prompt, or the features do not cover the image.
    """
    check_prompts(prompts, len(rearranged))
    chosen = rearranged[list(prompts)].detach().float()[None]  # (1, P, h, w)
    height, width = image.shape[:2]
    covered = [round(side * pixels_per_cell) for side in chosen.shape[-2:]]
    if covered[0] < height or covered[1] < width:
        raise ValueError(
            f'features of {tuple(chosen.shape[-2:])} cells, {pixels_per_cell:g} pixels '
            f'each, do not cover an image of {(height, width)}; check pixels_per_cell'
        )
    fine = F.interpolate(chosen, covered, mode='bilinear', align_corners=False)
    fine = fine[0, :, :height, :width].cpu().numpy()
    tiles, captions = [image], ['input']
    for number, heat_map in zip(prompts, fine, strict=True):
        tiles.append(overlay_heat_map(image, heat_map, alpha=alpha))
        captions.append(
            f'prompt {number}\n{heat_map.min():.2f} to {heat_map.max():.2f}'
        )
    return draw_image_grid(tiles, captions)


def check_prompts(prompts: Sequence[int], count: int) -> None:
    """Refuses numbers of prompts that do not exist.

    Args:
        prompts: Numbers from 0 on.
        count: Number of prompts.

    Raises:
        ValueError: If a number is not below ``count``, or there is none.
    """
    unknown = [number for number in prompts if not 0 <= number < count]
    if unknown or not prompts:
        raise ValueError(
            f'there are prompts 0 to {count - 1}, but got {unknown or "none"}'
        )


def most_selective(rearranged: Tensor, top_k: int) -> list[int]:
    """Finds the prompts whose features vary most within the images.

    Args:
        rearranged: Rearranged features, ``(B, N, h, w)``.
        top_k: Number of prompts.

    Returns:
        At most N numbers of prompts, the one that varies most first.
    """
    spread = rearranged.float().flatten(2).std(dim=2).mean(dim=0)  # (N,)
    return spread.topk(min(top_k, len(spread))).indices.tolist()
