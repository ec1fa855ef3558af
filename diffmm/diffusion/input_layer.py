"""The wider input layer of a UNet that sees an image beside its noisy target."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

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


class SplitInput(nn.Conv2d):
    """The input layer of such a UNet, which can take the image's part ready made.

    A denoising sees the same image at every step. `image_part` computes what the image
    contributes once; the layer then takes it in the place of the image's latents, as
    further channels behind the noisy target.

    Args:
        layer: The layer, whose parameters are shared.
        image_first: As for `widen_input`.
    """

    def __init__(self, layer: nn.Conv2d, image_first: bool) -> None:
        super().__init__(
            layer.in_channels,
            layer.out_channels,
            layer.kernel_size,
            padding=layer.padding,
            device='meta',
        )
        self.weight, self.bias = layer.weight, layer.bias
        self.image_first = image_first

    def image_part(self, image: Tensor) -> Tensor:
        """Computes what the image contributes, with the bias.

        Args:
            image: Latents of the image, shape (B, 4, h, w).

        Returns:
            Shape (B, C, h, w).
        """
        weight = self._halves()[0 if self.image_first else 1]
        return F.conv2d(image, weight, self.bias, padding=self.padding)

    def forward(self, latents: Tensor) -> Tensor:
        """Runs the layer.

        Args:
            latents: Image and noisy target, shape (B, 8, h, w) in their order; or the
                noisy target and the image's part, shape (B, 4 + C, h, w).

        Returns:
            Shape (B, C, h, w).
        """
        half = self.in_channels // 2
        if latents.shape[1] != half + self.out_channels:
            return super().forward(latents)
        noisy, part = latents.split([half, self.out_channels], dim=1)
        weight = self._halves()[1 if self.image_first else 0]
        target = F.conv2d(noisy, weight, padding=self.padding)
        return target + part.to(target.dtype)

    def _halves(self) -> tuple[Tensor, Tensor]:
        return self.weight.chunk(2, dim=1)
