"""The wider input layer of a UNet that sees an image beside its noisy target."""

from __future__ import annotations

import torch
from torch import Tensor

INPUT_INITS = ('halve', 'zero_image', 'zero_target')


def widen_input(weight: Tensor, init: str, image_first: bool) -> Tensor:
    """Widens the filters of a pre-trained input layer to twice the channels.

    The bias stays as it is.

    Args:
        weight: Filters of the input layer, shape (C, 4, 3, 3).
        init: How both halves begin. ``'halve'`` gives each half of the filters, so that
            two equal inputs give what one gave before (Marigold). ``'zero_image'``
            gives the filters to the noisy target (InstructPix2Pix). ``'zero_target'``
            gives them to the image, which is what a short training learns fastest from
            (ours, for the mini world).
        image_first: The image's latents are the first channels (Marigold), not the
            last (InstructPix2Pix).

    Returns:
        The new filters, shape (C, 8, 3, 3).

    Raises:
        ValueError: The initialization is unknown.
    """
    if init not in INPUT_INITS:
        raise ValueError(f'input_init must be one of {INPUT_INITS}, got {init!r}')
    if init == 'halve':
        return torch.cat([weight, weight], dim=1) / 2
    image, target = weight, torch.zeros_like(weight)
    if init == 'zero_image':
        image, target = target, image
    return torch.cat([image, target] if image_first else [target, image], dim=1)
