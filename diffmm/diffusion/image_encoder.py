"""The frozen VAE that turns images into latents."""

from __future__ import annotations

import torch
from diffusers import AutoencoderKL
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from torch import Tensor

SAMPLINGS = ('mode', 'sample')


class ImageEncoder(AutoencoderKL):
    """The encoder half of Stable Diffusion's VAE, without gradient.

    Same parameters and names as ``diffusers.AutoencoderKL``, less the decoder.
    """

    @classmethod
    def build(cls, config: dict) -> ImageEncoder:
        """Builds the encoder of a diffusers configuration with random weights.

        Args:
            config: An ``AutoencoderKL`` configuration.

        Returns:
            The frozen encoder in eval mode.
        """
        vae = cls.from_config(config)
        del vae.decoder, vae.post_quant_conv
        return vae.requires_grad_(False).eval()

    @property
    def stride(self) -> int:
        """Image pixels per latent pixel, 8 for Stable Diffusion."""
        return 2 ** (len(self.config.block_out_channels) - 1)

    @torch.no_grad()
    def posterior(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Encodes images into distributions of unscaled latents.

        It runs in its own dtype, outside autocast, because float16 overflows in this
        network (bfloat16 does not).

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W), H and W multiples of the stride.

        Returns:
            Means and standard deviations, each (B, 4, H / 8, W / 8), in the images'
            dtype.
        """
        found = self._distribution(images)
        mean, deviation = (_plain(part, images) for part in (found.mean, found.std))
        return mean, deviation

    @torch.no_grad()
    def forward(self, images: Tensor, sampling: str = 'mode') -> Tensor:
        """Encodes images into unscaled latents.

        Args:
            images: As for `posterior`.
            sampling: ``'mode'`` takes the posterior's mean (the released code of VPD,
                Meta Prompts and Vermouth), ``'sample'`` draws from it (TADP with scaled
                latents, and what Stable Diffusion was trained on).

        Returns:
            Latents in the images' dtype, shape (B, 4, H / 8, W / 8), *not* multiplied
            by the scaling factor 0.18215.
        """
        found = self._distribution(images)
        return _plain(found.mode() if sampling == 'mode' else found.sample(), images)

    def _distribution(self, images: Tensor) -> DiagonalGaussianDistribution:
        with torch.autocast(images.device.type, enabled=False):
            return self.encode(images.to(self.dtype)).latent_dist


def _plain(latents: Tensor, images: Tensor) -> Tensor:
    """Latents in the images' dtype, contiguous.

    The VAE's attention returns a channels-last tensor. On a CPU the backward pass of
    torch 2.11's GroupNorm crashes on such an input if the input needs no gradient
    (frozen UNet, trained norms).
    """
    return latents.to(images.dtype).contiguous()
