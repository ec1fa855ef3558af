"""Prediction by denoising: from noise to latents, to a picture, to what it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement
from torch import Tensor

from diffmm.diffusion import DenoisingSampler, DenoisingStep
from diffmm.structures import plain_images

from ..objectives import build_objective
from .conditional_denoiser import ConditionalDenoiser
from .frames import pad_to_multiple, restore_frame
from .target_codec import TargetCodec


class DenoisingPredictor(ConditionalDenoiser):
    """The prediction of a generative perceptor.

    `DiffusionPerceptor` describes the arguments in detail, and adds the training.

    Args:
        codec: Config of the `TargetCodec`.
        objective: Parts of the objective. The sampler follows its noise schedule.
        sampler: Options of the sampler.
        ensemble: Config of the ensemble, or None for a single prediction.
        seed: Seed of the initial noise.
        **networks: Of `ConditionalDenoiser`.
    """

    def __init__(
        self,
        codec: Mapping,
        objective: Mapping | None,
        sampler: Mapping | None,
        ensemble: Mapping | None,
        seed: int,
        **networks: Any,
    ) -> None:
        super().__init__(**networks)
        self.codec = TASK_UTILS.build(codec)
        self.set_ensemble(ensemble)
        self.objective = build_objective(**(objective or {}))
        self.sampler = self._build_sampler(sampler or {})
        self.seed = seed

    def set_ensemble(self, ensemble: Mapping | None) -> None:
        """Takes another ensemble.

        Args:
            ensemble: Its config; None for a single prediction.
        """
        self.ensemble = None if ensemble is None else TASK_UTILS.build(ensemble)

    def _build_sampler(self, options: Mapping[str, Any]) -> Any:
        return DenoisingSampler(self.objective, **options)

    @torch.no_grad()
    def predict(
        self, inputs: Tensor, data_samples: Sequence[BaseDataElement] | None = None
    ) -> Sequence[BaseDataElement]:
        """Predicts a batch.

        Args:
            inputs: RGB in [-1, 1], shape (B, 3, H, W).
            data_samples: Of the host, one per image; predictions get the size
                ``ori_shape`` of their metainfo. None makes new ones.

        Returns:
            The data samples, with what the codec writes.
        """
        if data_samples is None:
            data_samples = [BaseDataElement() for _ in inputs]
        predictions, uncertainties = self.perceive(inputs)
        for index, sample in enumerate(data_samples):
            maps = (predictions, uncertainties)
            restored = (
                None if part is None else restore_frame(part[index], sample.metainfo)
                for part in maps
            )
            self.codec.write(sample, *restored)
            self.codec.write_network_frame(sample, predictions[index])
        return data_samples

    @torch.no_grad()
    def perceive(self, images: Tensor, **options: Any) -> tuple[Tensor, Tensor | None]:
        """Predicts a batch in its own frame.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W).
            **options: Of `denoising_steps`.

        Returns:
            Predictions, shape (B, C, H, W), and the ensemble's uncertainty of the same
            shape, or None.
        """
        *_, last = self.denoising_steps(images, **options)
        members = self.read(last.latents, images.shape[-2:], self.reference(images))
        if self.ensemble is None:
            return members, None
        groups = members.split(self.ensemble.size)
        merged = [self.ensemble.merge(group) for group in groups]
        return tuple(torch.stack(part) for part in zip(*merged, strict=True))

    @torch.no_grad()
    def denoising_steps(
        self, images: Tensor, noise: Tensor | None = None
    ) -> Iterator[DenoisingStep]:
        """Denoises predictions and hands out every step.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W).
            noise: The initial noise, shape (B * E, 4, h, w), instead of that of
                ``seed``; E is the size of the ensemble, or 1.

        Yields:
            The steps; `read` turns their ``clean`` or ``latents`` into predictions.
        """
        size = self._ensemble_size
        conditioning = self.keep(self.encode(images)[0].repeat(size))
        generator = torch.Generator().manual_seed(self.seed)
        if noise is None:
            noise = self.initial_noise(conditioning.image, len(images), generator)
        network = partial(self.denoise_step, conditioning)
        yield from self.sampler(network, noise, generator)

    def initial_noise(
        self, like: Tensor, count: int, generator: torch.Generator
    ) -> Tensor:
        """Draws the noise that predictions begin with, the same for every image.

        Args:
            like: Latents of the images, shape (..., 4, h, w).
            count: Number of images B.
            generator: Where the random numbers come from.

        Returns:
            Shape (B * E, 4, h, w).
        """
        shape = (self._ensemble_size, *like.shape[1:])
        noise = torch.randn(shape, generator=generator).to(like)
        return noise.repeat(count, 1, 1, 1)

    @torch.no_grad()
    def read(
        self, latents: Tensor, size: Sequence[int], reference: Tensor | None = None
    ) -> Tensor:
        """Decodes latents and reads the prediction.

        Args:
            latents: Scaled latents, shape (B, 4, h, w).
            size: Height and width of the images.
            reference: What `reference` returns for the images, for codecs that compare
                predictions with it.

        Returns:
            Predictions, shape (B, C, H, W).
        """
        height, width = size
        pictures = self.vae.draw(latents)[..., :height, :width]
        return self.codec.decode(pictures, reference)

    @torch.no_grad()
    def reference(
        self, images: Tensor, codec: TargetCodec | None = None
    ) -> Tensor | None:
        """Makes the pictures that a codec compares predictions with.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W).
            codec: The codec; the model's own by default.

        Returns:
            The images, or what the VAE makes of them, one for each member of an
            ensemble, shape (B * E, 3, H, W); None if the codec compares with nothing.
        """
        kind = (codec or self.codec).reference
        if kind is None:
            return None
        pictures = plain_images(images)
        if kind == 'reconstruction':
            height, width = pictures.shape[-2:]
            latents = self.vae(pad_to_multiple(pictures, self.vae.stride))
            drawn = self.vae.draw(latents * self.vae.config.scaling_factor)
            pictures = drawn[..., :height, :width]
        return pictures.repeat_interleave(self._ensemble_size, dim=0)

    @property
    def _ensemble_size(self) -> int:
        return 1 if self.ensemble is None else self.ensemble.size
