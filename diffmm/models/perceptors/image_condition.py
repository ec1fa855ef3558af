"""Conditions of a generative perceptor that are made of the image."""

from __future__ import annotations

import torch
from mmengine.registry import TASK_UTILS
from torch import Tensor

from diffmm.diffusion import ImageAutoencoder


@TASK_UTILS.register_module()
class ImageCondition:
    """The latents of the image, as further channels beside the noisy target.

    Example:
        >>> condition = TASK_UTILS.build(dict(type='ImageCondition'))
        >>> image, noisy = torch.ones(1, 4, 8, 8), torch.zeros(1, 4, 8, 8)
        >>> condition.join(image, noisy)[0, :, 0, 0]
        tensor([1., 1., 1., 1., 0., 0., 0., 0.])

    Args:
        image_first: The image's latents come before the noisy target's (Marigold), not
            after them (InstructPix2Pix).
        scaled: They are multiplied by the VAE's scaling factor (Marigold), or are left
            as they are (InstructPix2Pix).
    """

    num_inputs = 2
    """Number of latents that the UNet sees, each of four channels."""

    def __init__(self, image_first: bool = True, scaled: bool = True) -> None:
        self.image_first = image_first
        self.scaled = scaled

    def scale(self, latents: Tensor, vae: ImageAutoencoder) -> Tensor:
        """Scales the latents of the image.

        Args:
            latents: The posterior's means, shape (B, 4, h, w).
            vae: Where they come from.

        Returns:
            The same, scaled or not.
        """
        return latents * vae.config.scaling_factor if self.scaled else latents

    def join(self, image: Tensor, noisy: Tensor) -> Tensor:
        """Joins image and noisy target to the input of the UNet.

        Args:
            image: What `scale` returns, shape (B, 4, h, w).
            noisy: Noisy latents of the target, shape (B, 4, h, w).

        Returns:
            The input, shape (B, 8, h, w).
        """
        pair = [image, noisy] if self.image_first else [noisy, image]
        return torch.cat(pair, dim=1)


@TASK_UTILS.register_module()
class ImageInput(ImageCondition):
    """The latents of the image alone, in the place of a noisy target (GenPercept).

    GenPercept calls it noise: on its schedule every timestep is pure "noise", which is
    the image. There is nothing to denoise, so a prediction is made in one step.

    Example:
        >>> condition = TASK_UTILS.build(dict(type='ImageInput'))
        >>> image, noisy = torch.ones(1, 4, 8, 8), torch.zeros(1, 4, 8, 8)
        >>> condition.join(image, noisy)[0, :, 0, 0]
        tensor([1., 1., 1., 1.])
    """

    num_inputs = 1

    def __init__(self) -> None:
        super().__init__()

    def join(self, image: Tensor, noisy: Tensor) -> Tensor:
        """Takes the image.

        Args:
            image: What `scale` returns, shape (B, 4, h, w).
            noisy: Not used.

        Returns:
            The input, shape (B, 4, h, w).
        """
        return image
