"""Stable Diffusion that denoises its own prediction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import torch
from mmengine.registry import MODELS, TASK_UTILS
from mmengine.structures import BaseDataElement
from torch import Tensor

from diffmm.diffusion import DenoisingSampler, DenoisingStep

from ..backbones.images import RangeCheck
from ..objectives import build_objective
from .conditional_denoiser import ConditionalDenoiser
from .frames import latent_mask, restore_frame
from .sample_generators import sample_generators

MODES = ('loss', 'predict', 'tensor')


@MODELS.register_module()
class DiffusionPerceptor(ConditionalDenoiser):
    """A model of any host whose prediction is a picture that Stable Diffusion denoises.

    The target is drawn as a picture and encoded by the frozen VAE. The UNet learns to
    denoise it beside the latents of the image (Marigold, section 3; InstructPix2Pix).
    A prediction begins with noise; the last latents are decoded, and read.

    The parts are exchangeable: what is seen of the image (``condition``), the text
    (``prompt``), how a target is drawn (``codec``), what is learned at which timesteps
    from which noise (``objective``), how a prediction is denoised (``sampler``) and
    merged (``ensemble``). A hook may exchange them, too: the model never asks which
    parts it has.

    Timestep and noise of a sample in training belong to the run's seed, the iteration
    and the sample (see `sample_generators`), so the packing transform has to keep
    ``sample_idx``.

    Example:
        >>> model = MODELS.build(dict(
        ...     type='DiffusionPerceptor', arch='mini', sampler=dict(steps=2),
        ...     codec=dict(type='AffineDepthCodec')))
        >>> from mmengine.structures import BaseDataElement, PixelData
        >>> depth = PixelData(data=torch.rand(1, 64, 80))
        >>> sample = BaseDataElement(gt_depth_map=depth, metainfo=dict(
        ...     sample_idx=0, depth_range=(0, 1), depth_quantiles=(0.1, 0.9)))
        >>> list(model(torch.zeros(1, 3, 64, 80), [sample], mode='loss'))
        ['loss_denoising']
        >>> (sample,) = model(torch.zeros(1, 3, 64, 80), mode='predict')
        >>> sample.pred_depth_map.shape
        (64, 80)

    Args:
        codec: Config of the `TargetCodec`.
        condition: Config of what is seen of the image; Marigold's by default.
        prompt: Config of the module that makes the context, as for
            ``StableDiffusionBackbone``; Marigold's empty text of two tokens by default.
        arch: ``'sd21'`` (all of SD2.x; Marigold), ``'sd15'`` (InstructPix2Pix),
            ``'mini'``, or a mapping.
        pretrained: Weights of Stable Diffusion or of a trained perceptor: a diffusers
            folder (such as a released Marigold), an original file, a hub id, or None
            for random weights. ``init_weights`` reads it.
        pretrained_unet: A folder whose ``unet`` takes the place of that of
            ``pretrained``, such as a checkpoint of Marigold's training, which holds
            nothing else.
        use_ema: Take the UNet's moving average if an original file has one.
        input_init: How the widened input layer begins, see `widen_input`.
        objective: Parts of the objective, see `build_objective`. Marigold:
            ``schedule=dict(prediction_type='v_prediction')`` and
            ``noise=dict(type='MultiResolutionNoise')``.
        sampler: Options of `DenoisingSampler`.
        ensemble: Config of the ensemble, such as `DepthEnsemble`, whose members are
            denoised in one batch; None for a single prediction.
        seed: Seed of the initial noise. Every image begins with the same noise, as in
            the released Marigold (1234 there).
        trainable: ``'all'`` of the UNet (Marigold, InstructPix2Pix), or as in
            ``StableDiffusionBackbone``. With ``dict(type='lora', ...)`` the input layer
            trains, too.
        gradient_checkpointing: Recompute activations in the backward pass.
        eager_attention: Computes attention step by step instead of fused. On a CPU in
            bfloat16, heads of eight channels train twice as fast.
        test_cfg: ``dict(mode='whole')``, the default, or ``dict(mode='slide',
            crop_size=(H, W), stride=(H, W))`` in pixels, multiples of 8: the UNet sees
            windows of the latents, and what it predicts is averaged at every step, so
            that all windows make one picture (MultiDiffusion, Bar-Tal et al., 2023).
        data_preprocessor: Of the host; RGB in [-1, 1].
        init_cfg: As in every mmengine module.

    Raises:
        ValueError: A part is unknown, or parts do not fit each other.
    """

    def __init__(
        self,
        codec: Mapping,
        condition: Mapping | None = None,
        prompt: Mapping | None = None,
        arch: str | Mapping = 'sd21',
        pretrained: str | Path | None = None,
        pretrained_unet: str | Path | None = None,
        use_ema: bool = True,
        input_init: str = 'halve',
        objective: Mapping | None = None,
        sampler: Mapping | None = None,
        ensemble: Mapping | None = None,
        seed: int = 1234,
        trainable: str | Mapping = 'all',
        gradient_checkpointing: bool = False,
        eager_attention: bool = False,
        test_cfg: Mapping | None = None,
        data_preprocessor: dict | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(
            condition=condition,
            prompt=prompt,
            arch=arch,
            pretrained=pretrained,
            pretrained_unet=pretrained_unet,
            use_ema=use_ema,
            input_init=input_init,
            trainable=trainable,
            gradient_checkpointing=gradient_checkpointing,
            eager_attention=eager_attention,
            test_cfg=test_cfg,
            data_preprocessor=data_preprocessor,
            init_cfg=init_cfg,
        )
        self.codec = TASK_UTILS.build(codec)
        self.ensemble = None if ensemble is None else TASK_UTILS.build(ensemble)
        self.objective = build_objective(**(objective or {}))
        self.sampler = DenoisingSampler(self.objective, **(sampler or {}))
        self.seed = seed
        self._check_range = RangeCheck()

    def forward(
        self,
        inputs: Tensor,
        data_samples: Sequence[BaseDataElement] | None = None,
        mode: str = 'tensor',
    ) -> dict[str, Tensor] | Sequence[BaseDataElement] | Tensor:
        """Computes the loss, predictions as data samples, or bare predictions.

        Args:
            inputs: RGB in [-1, 1], shape (B, 3, H, W), any size.
            data_samples: Of the host. In training with the target.
            mode: ``'loss'``, ``'predict'`` or ``'tensor'``.

        Returns:
            The losses; the data samples with predictions; or predictions in the frame
            of the inputs, shape (B, C, H, W).

        Raises:
            ValueError: The mode is unknown.
        """
        self._check_range(inputs)
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        if mode == 'tensor':
            return self.perceive(inputs)[0]
        raise ValueError(f'mode must be one of {MODES}, got {mode!r}')

    def loss(
        self, inputs: Tensor, data_samples: Sequence[BaseDataElement]
    ) -> dict[str, Tensor]:
        """Computes the loss of a training step.

        Args:
            inputs: RGB in [-1, 1], shape (B, 3, H, W).
            data_samples: With what the codec draws.

        Returns:
            ``loss_denoising``, the mean squared error over latents whose pixels are all
            valid.
        """
        # 1. The target as a picture. (B, 3, H, W) and (B, 1, H, W)
        target = self.codec.encode(data_samples)
        # 2. Latents of image and target, in one batch. (B, 4, h, w) each
        conditioning, clean = self.encode(inputs, target.pictures)
        # 3. Timestep and noise of every sample. (B,) and (B, 4, h, w)
        noisy = self.objective.add_noise(
            clean, generator=sample_generators(data_samples)
        )
        # 4. What the UNet predicts. (B, 4, h, w)
        predicted = self.denoise(conditioning, noisy.latents, noisy.timesteps)
        valid = latent_mask(target.valid, self.vae.stride)
        return dict(loss_denoising=self.objective.loss(predicted, noisy, valid))

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
        return data_samples

    @torch.no_grad()
    def perceive(self, images: Tensor) -> tuple[Tensor, Tensor | None]:
        """Predicts a batch in its own frame.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W).

        Returns:
            Predictions, shape (B, C, H, W), and the ensemble's uncertainty of the same
            shape, or None.
        """
        *_, last = self.denoising_steps(images)
        members = self.read(last.latents, images.shape[-2:])
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
        size = 1 if self.ensemble is None else self.ensemble.size
        conditioning = self.encode(images)[0].repeat(size)
        generator = torch.Generator().manual_seed(self.seed)
        if noise is None:
            shape = (size, *conditioning.image.shape[1:])
            noise = torch.randn(shape, generator=generator).to(conditioning.image)
            noise = noise.repeat(len(images), 1, 1, 1)
        network = partial(self.denoise_step, conditioning)
        yield from self.sampler(network, noise, generator)

    @torch.no_grad()
    def read(self, latents: Tensor, size: Sequence[int]) -> Tensor:
        """Decodes latents and reads the prediction.

        Args:
            latents: Scaled latents, shape (B, 4, h, w).
            size: Height and width of the images.

        Returns:
            Predictions, shape (B, C, H, W).
        """
        height, width = size
        pictures = self.vae.draw(latents)[..., :height, :width]
        return self.codec.decode(pictures)
