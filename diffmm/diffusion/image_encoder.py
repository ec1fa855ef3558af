"""The frozen VAE that turns images into latents."""

from __future__ import annotations

import torch
from diffusers import AutoencoderKL
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from torch import Tensor

from ..utils.bfloat16 import say_if_slow
from ..utils.freed_memory import keep_freed_memory

SAMPLINGS = ('mode', 'sample')
DTYPES = ('float32', 'bfloat16', 'float16')


class ImageEncoder(AutoencoderKL):
    """The encoder half of Stable Diffusion's VAE, without gradient.

    Same parameters and names as ``diffusers.AutoencoderKL``, less the decoder.

    Attributes:
        keeps_freed_memory: On a CPU, let the process keep what it frees, which is
            faster and takes more memory.
    """

    keeps_freed_memory = True

    @classmethod
    def build(cls, config: dict, dtype: str = 'float32') -> ImageEncoder:
        """Builds the encoder of a diffusers configuration with random weights.

        Args:
            config: An ``AutoencoderKL`` configuration.
            dtype: ``'float32'``, ``'bfloat16'`` or ``'float16'``, in which it runs.

        Returns:
            The frozen encoder in eval mode.

        Raises:
            ValueError: The dtype is unknown.
        """
        vae = cls.from_config(config)
        del vae.decoder, vae.post_quant_conv
        vae.set_encoder_dtype(dtype)
        return vae.requires_grad_(False).eval()

    @property
    def stride(self) -> int:
        """Image pixels per latent pixel, 8 for Stable Diffusion."""
        return 2 ** (len(self.config.block_out_channels) - 1)

    @torch.no_grad()
    def posterior(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Encodes images into distributions of unscaled latents.

        It runs in its own dtype, outside autocast, because float16 overflows in this
        network (bfloat16 does not). On a CPU with matrix units (AMX) bfloat16 is more
        than twice as fast.

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
        dtype = self.quant_conv.weight.dtype
        on_cpu = images.device.type == 'cpu' and not torch.compiler.is_compiling()
        if on_cpu and self.keeps_freed_memory:
            keep_freed_memory()
        if on_cpu and dtype == torch.bfloat16:
            say_if_slow('cpu')
        with torch.autocast(images.device.type, enabled=False):
            return self.encode(images.to(dtype)).latent_dist

    def set_encoder_dtype(self, dtype: str) -> None:
        """Converts the encoder's weights, and so what it computes in.

        Args:
            dtype: As for `build`.

        Raises:
            ValueError: The dtype is unknown.
        """
        for part in (self.encoder, self.quant_conv):
            part.to(read_dtype('vae_dtype', dtype))
        if dtype != 'float32':
            # In bfloat16 on a CPU, Stable Diffusion 1.5 takes 0.4 of the time so. In
            # float32 it takes 0.84, but other roundings: four times the error that
            # parity with the released code allows.
            self.to(memory_format=torch.channels_last)


def read_dtype(option: str, name: str) -> torch.dtype:
    """Reads the dtype of a frozen VAE, or of its decoder.

    Args:
        option: The option that it comes from.
        name: Name of the dtype.

    Returns:
        The dtype.

    Raises:
        ValueError: The name is unknown.
    """
    if name not in DTYPES:
        raise ValueError(f'{option} must be one of {DTYPES}, got {name!r}')
    return getattr(torch, name)


def _plain(latents: Tensor, images: Tensor) -> Tensor:
    """Latents in the images' dtype, contiguous.

    The VAE's attention returns a channels-last tensor. On a CPU the backward pass of
    torch 2.11's GroupNorm crashes on such an input if the input needs no gradient
    (frozen UNet, trained norms).
    """
    return latents.to(images.dtype).contiguous()
