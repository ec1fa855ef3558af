"""Stable Diffusion that denoises its own prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement
from torch import Tensor

from diffmm.structures import plain_images

from ..backbones.images import RangeCheck, check_images
from .denoising_predictor import DenoisingPredictor
from .frames import latent_mask
from .sample_generators import sample_generators
from .target_augmentation import TargetAugmentation
from .target_codec import PictureTarget

MODES = ('loss', 'predict', 'tensor')


@MODELS.register_module()
class DiffusionPerceptor(DenoisingPredictor):
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
        gradient_checkpointing: Recompute activations in the backward pass, and on a
            CPU give freed memory back at once: less memory, more time.
        vae_dtype: ``'float32'``, ``'bfloat16'`` or ``'float16'`` for the frozen VAE's
            encoder, as in ``StableDiffusionBackbone``.
        decoder_dtype: The same for its decoder. A picture in bfloat16 has 8 bits;
            predictions and the losses of `OneStepPerceptor` are exact by default.
        test_cfg: ``dict(mode='whole')``, the default, or ``dict(mode='slide',
            crop_size=(H, W), stride=(H, W))`` in pixels, multiples of 8: the UNet sees
            windows of the latents, and what it predicts is averaged at every step, so
            that all windows make one picture (MultiDiffusion, Bar-Tal et al., 2023).
            ``windows_per_batch`` (4) is the most windows of a batch, those of all
            pictures, members and branches counted; out of memory halves it.
        data_preprocessor: Of the host; RGB in [-1, 1].
        init_cfg: As in every mmengine module.

    Attributes:
        target_augmentation: What corrupts the noisy target in training, which
            `TargetAugmentationHook` sets, or None.

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
        vae_dtype: str = 'float32',
        decoder_dtype: str = 'float32',
        test_cfg: Mapping | None = None,
        data_preprocessor: dict | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(
            codec=codec,
            objective=objective,
            sampler=sampler,
            ensemble=ensemble,
            seed=seed,
            condition=condition,
            prompt=prompt,
            arch=arch,
            pretrained=pretrained,
            pretrained_unet=pretrained_unet,
            use_ema=use_ema,
            input_init=input_init,
            trainable=trainable,
            gradient_checkpointing=gradient_checkpointing,
            vae_dtype=vae_dtype,
            decoder_dtype=decoder_dtype,
            test_cfg=test_cfg,
            data_preprocessor=data_preprocessor,
            init_cfg=init_cfg,
        )
        self.target_augmentation: TargetAugmentation | None = None
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
            ValueError: The mode is unknown, or the inputs are no batch of images.
        """
        check_images(inputs, self.vae.dtype)
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
        target = self.codec.encode(data_samples, plain_images(inputs))
        # 2. The timestep of every sample, and its target as far as an augmentation
        #    corrupts it. (B,) and (K, 3, H, W)
        generators = sample_generators(data_samples)
        timesteps = self.objective.draw_timesteps(len(data_samples), generators)
        changed, corrupted = self._corrupt(data_samples, inputs, target, timesteps)
        # 3. Latents of image, target and corrupted target, in one batch. (B, 4, h, w)
        pictures = torch.cat([target.pictures, corrupted])
        rows = torch.cat([torch.arange(len(timesteps)), changed])
        conditioning, latents = self.encode(inputs, pictures, generators, rows)
        clean, corrupted = latents.tensor_split([len(timesteps)])
        changed = changed.to(clean.device)
        seen = clean.index_copy(0, changed, corrupted) if len(changed) else None
        # 4. What the UNet sees, and shall predict. (B, 4, h, w) each
        noisy = self.objective.add_noise(clean, seen, timesteps, generator=generators)
        # 5. What the UNet predicts. (B, 4, h, w)
        predicted = self.denoise(conditioning, noisy.latents, noisy.timesteps)
        valid = latent_mask(target.valid, self.vae.stride)
        return dict(loss_denoising=self.objective.loss(predicted, noisy, valid))

    def _corrupt(
        self,
        samples: Sequence[BaseDataElement],
        images: Tensor,
        target: PictureTarget,
        timesteps: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Corrupts targets: which ones (K,), and their pictures (K, 3, H, W)."""
        if self.target_augmentation is None:
            return timesteps[:0], target.pictures[:0]
        times = timesteps / self.objective.num_timesteps
        return self.target_augmentation(
            self.codec.encode,
            samples,
            target.pictures,
            times.tolist(),
            plain_images(images),
        )
