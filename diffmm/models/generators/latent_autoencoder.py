"""Stable Diffusion's first stage in training."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from mmengine.model import BaseModel
from mmengine.registry import MODELS
from torch import Tensor

from diffmm.diffusion import load_architecture

from .generation_data_preprocessor import to_uint8

MODES = ('loss', 'predict', 'tensor')
# Bias of the posterior's log variance at the start. With zero, the layer's default, the
# noise is much larger than the means.
_LOG_VARIANCE = -6.0


@MODELS.register_module()
class LatentAutoencoder(BaseModel):
    """A ``diffusers.AutoencoderKL`` that learns to reconstruct images.

    The loss is L1 + MSE + L1 of the image gradients + KL divergence. Latent diffusion
    (Rombach et al., 2022, section 3.1) adds a perceptual and an adversarial term. They
    need a pre-trained network and a second optimizer, and they improve texture, which
    drawn scenes hardly have.

    Most steps see random crops, which cost a fraction of whole images. The other steps
    see whole images, so that the attention of the middle block is trained at its final
    size. Crops come from torch's generator: with ``IterationSeedHook`` a resumed run
    draws the same ones.

    Example:
        >>> model = MODELS.build(dict(type='LatentAutoencoder', arch='mini'))
        >>> losses = model(torch.zeros(1, 3, 64, 64), mode='loss')
        >>> list(losses)
        ['loss_l1', 'loss_mse', 'loss_gradient', 'loss_kl']

    Args:
        arch: Name of an architecture, or a mapping; its ``vae`` is trained.
        gradient_weight: Weight of the gradients' L1.
        kl_weight: Weight of the KL divergence per latent value (Stable Diffusion:
            1e-6 of the sum over a latent).
        crop_size: Side of the crops in pixels, a multiple of 8.
        crops_per_image: Crops of each image.
        full_size_share: Share of the steps that see whole images.
        data_preprocessor: As in every mmengine model.

    Raises:
        ValueError: A share is outside [0, 1], or the crop size is no multiple of 8.
    """

    def __init__(
        self,
        arch: str | Mapping = 'mini',
        gradient_weight: float = 0.25,
        kl_weight: float = 1e-4,
        crop_size: int = 64,
        crops_per_image: int = 2,
        full_size_share: float = 0.2,
        data_preprocessor: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor or dict(type='GenerationDataPreprocessor'))
        if not 0 <= full_size_share <= 1:
            raise ValueError(
                f'full_size_share must lie in [0, 1], got {full_size_share}'
            )
        if crop_size < 8 or crop_size % 8:
            raise ValueError(f'crop_size must be a multiple of 8, got {crop_size}')
        self.vae = AutoencoderKL(**load_architecture(arch).vae)
        self.gradient_weight = gradient_weight
        self.kl_weight = kl_weight
        self.crop_size = crop_size
        self.crops_per_image = crops_per_image
        self.full_size_share = full_size_share
        with torch.no_grad():
            self.vae.quant_conv.bias[self.vae.config.latent_channels :] = _LOG_VARIANCE

    def forward(
        self, inputs: Tensor, data_samples: list | None = None, mode: str = 'tensor'
    ) -> dict[str, Tensor] | list[dict] | Tensor:
        """Computes the loss, predictions or plain reconstruction of a batch.

        Args:
            inputs: RGB in [-1, 1], shape (B, 3, H, W).
            data_samples: Unused: an autoencoder needs no annotation.
            mode: ``'loss'``, ``'predict'`` or ``'tensor'``.

        Returns:
            The losses; per image ``dict(reconstruction=(3, H, W) uint8)``; or the
            reconstruction in [-1, 1].

        Raises:
            ValueError: The mode is unknown.
        """
        if mode == 'loss':
            return self.loss(inputs)
        if mode == 'predict':
            images = to_uint8(self.reconstruct(inputs)).cpu()
            return [dict(reconstruction=image) for image in images]
        if mode == 'tensor':
            return self.reconstruct(inputs)
        raise ValueError(f'mode must be one of {MODES}, got {mode!r}')

    def loss(self, images: Tensor) -> dict[str, Tensor]:
        """Computes the losses of one training step.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W).

        Returns:
            ``loss_l1``, ``loss_mse``, ``loss_gradient`` and ``loss_kl``, weighted.
        """
        if torch.rand(()).item() >= self.full_size_share:
            images = random_crops(images, self.crop_size, self.crops_per_image)
        posterior = self.vae.encode(images).latent_dist
        latents = posterior.sample()
        reconstruction = self.vae.decode(latents).sample.float()
        gradients = sum(
            F.l1_loss(reconstruction.diff(dim=dim), images.diff(dim=dim))
            for dim in (2, 3)
        )
        return dict(
            loss_l1=F.l1_loss(reconstruction, images),
            loss_mse=F.mse_loss(reconstruction, images),
            loss_gradient=self.gradient_weight * gradients,
            loss_kl=self.kl_weight * posterior.kl().sum() / latents.numel(),
        )

    def reconstruct(self, images: Tensor) -> Tensor:
        """Encodes to the posterior's mean and decodes.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W).

        Returns:
            The reconstruction, same shape.
        """
        latents = self.vae.encode(images).latent_dist.mode()
        return self.vae.decode(latents).sample


def random_crops(images: Tensor, size: int, count: int) -> Tensor:
    """Cuts squares out of images.

    Args:
        images: Shape (B, C, H, W).
        size: Side of the squares; larger than an image is the image itself.
        count: Squares of each image.

    Returns:
        Squares of shape (B * count, C, size, size).
    """
    height, width = images.shape[-2:]
    if size >= min(height, width):
        return images
    crops = []
    for image in images:
        tops = torch.randint(height - size + 1, (count,)).tolist()
        lefts = torch.randint(width - size + 1, (count,)).tolist()
        crops += [
            image[:, top : top + size, left : left + size]
            for top, left in zip(tops, lefts, strict=True)
        ]
    return torch.stack(crops)


@torch.no_grad()
def rescale_latents(vae: AutoencoderKL, std: float) -> None:
    """Makes ``scaling_factor`` the inverse of the latents' standard deviation.

    The convolutions around the latents take the factor up, so reconstructions stay the
    same. The new latents have the standard deviation of Stable Diffusion's. A
    perception method can then treat them the same way, whether it multiplies latents
    by ``scaling_factor`` (0.18215 for Stable Diffusion and ``mini``) or not.

    Args:
        vae: The trained first stage, changed in place.
        std: Standard deviation of its latents now.

    Raises:
        ValueError: The standard deviation is not positive.
    """
    if not std > 0:
        raise ValueError(f'the standard deviation must be positive, got {std}')
    factor = 1.0 / (std * vae.config.scaling_factor)
    channels = vae.config.latent_channels
    # The first half of the channels is the mean, the second the log variance.
    vae.quant_conv.weight[:channels] *= factor
    vae.quant_conv.bias[:channels] *= factor
    vae.quant_conv.bias[channels:] += 2 * torch.tensor(factor).log()
    vae.post_quant_conv.weight /= factor
