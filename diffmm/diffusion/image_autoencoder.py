"""The frozen VAE with its decoder, for models whose predictions are pictures."""

from __future__ import annotations

import torch
from torch import Tensor

from .image_encoder import ImageEncoder, read_dtype


class ImageAutoencoder(ImageEncoder):
    """Stable Diffusion's VAE, frozen, both halves.

    Same parameters and names as ``diffusers.AutoencoderKL``. A model that only reads
    features takes `ImageEncoder`, which has no decoder.
    """

    @classmethod
    def build(
        cls, config: dict, dtype: str = 'float32', decoder_dtype: str = 'float32'
    ) -> ImageAutoencoder:
        """Builds the VAE of a diffusers configuration with random weights.

        Args:
            config: An ``AutoencoderKL`` configuration.
            dtype: Of the encoder, as for `ImageEncoder`.
            decoder_dtype: The same for the decoder.

        Returns:
            The frozen VAE in eval mode.

        Raises:
            ValueError: A dtype is unknown.
        """
        vae = cls.from_config(config).requires_grad_(False).eval()
        # Convolutions with few channels are twice as fast so on a CPU.
        vae.to(memory_format=torch.channels_last)
        vae.set_encoder_dtype(dtype)
        for part in (vae.decoder, vae.post_quant_conv):
            part.to(read_dtype('decoder_dtype', decoder_dtype))
        return vae

    def draw(self, latents: Tensor) -> Tensor:
        """Decodes latents into pictures.

        It runs in the decoder's own dtype, outside autocast, and lets gradients through
        to the latents.

        Args:
            latents: Scaled latents, shape (B, 4, h, w).

        Returns:
            RGB, in [-1, 1] but for overshoots, shape (B, 3, 8 h, 8 w), in the latents'
            dtype.
        """
        with torch.autocast(latents.device.type, enabled=False):
            dtype = self.post_quant_conv.weight.dtype
            unscaled = latents.to(dtype) / self.config.scaling_factor
            pictures = self.decode(unscaled).sample
        return pictures.to(latents.dtype)
