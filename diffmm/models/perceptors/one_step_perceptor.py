"""A perceptor that predicts in one step, trained through the decoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement
from torch import Tensor, nn

from diffmm.diffusion import DenoisingStep
from diffmm.structures import plain_images

from .conditioning import Conditioning
from .diffusion_perceptor import DiffusionPerceptor
from .sample_generators import sample_generators


class OneStep(NamedTuple):
    """Stands in the place of a sampler: a model of one step has none."""

    steps: int = 1


@MODELS.register_module()
class OneStepPerceptor(DiffusionPerceptor):
    """A `DiffusionPerceptor` without noise, trained on the pictures that it predicts.

    The UNet makes one pass. Clean latents follow from its prediction, and the frozen
    VAE decodes them. Losses compare this picture with the target, and their gradient
    flows back through the decoder.

    - E2E-FT (Garcia et al., 2025) sees the image beside zeros at the noisiest timestep,
      and aligns predictions before it compares them.
    - GenPercept (Xu et al., 2025) sees the image alone, at any timestep
      (``condition=dict(type='ImageInput')`` and a schedule of pure noise).

    Example:
        >>> model = MODELS.build(dict(
        ...     type='OneStepPerceptor', arch='mini', timestep=999,
        ...     codec=dict(type='AffineDepthCodec'),
        ...     objective=dict(
        ...         schedule=dict(prediction_type='v_prediction'),
        ...         timesteps=dict(type='UniformTimesteps', begin=999)),
        ...     losses=dict(aligned=dict(type='AlignedDepthLoss'))))
        >>> from mmengine.structures import BaseDataElement, PixelData
        >>> depth = PixelData(data=torch.rand(1, 64, 80))
        >>> sample = BaseDataElement(gt_depth_map=depth, metainfo=dict(
        ...     sample_idx=0, depth_range=(0, 1), depth_quantiles=(0.1, 0.9)))
        >>> list(model(torch.zeros(1, 3, 64, 80), [sample], mode='loss'))
        ['loss_aligned']
        >>> model(torch.zeros(1, 3, 64, 80)).shape
        torch.Size([1, 1, 64, 80])

    Args:
        losses: Configs of losses by name. Each is called as a `PixelLoss`: with the
            gray of the prediction and of the target (the mean of the channels, in
            [-1, 1]), the mask of valid pixels, and the target in meters or None.
        timestep: Timestep that the UNet gets at test. E2E-FT: 999; GenPercept: 1. In
            training ``objective.timesteps`` draws it.
        clamp: Cut predictions off at -1 and 1 before they are compared (E2E-FT), or not
            (GenPercept).
        **options: Of `DiffusionPerceptor`, without a sampler. The seed and the
            objective's noise and weights are not used.

    Raises:
        ValueError: There is no loss, the timestep is outside of the schedule, there is
            an ensemble, whose members would be equal, or a sampler, or as in the base
            class.
    """

    def __init__(
        self,
        losses: Mapping[str, Mapping],
        timestep: int = 999,
        clamp: bool = True,
        **options: Any,
    ) -> None:
        if not losses:
            raise ValueError(
                "losses must name at least one, such as dict(aligned=dict(type='"
                f"AlignedDepthLoss')), got {losses!r}"
            )
        super().__init__(**options)
        if not 0 <= timestep < self.objective.num_timesteps:
            raise ValueError(
                f'timestep must be in [0, {self.objective.num_timesteps}), got '
                f'{timestep}'
            )
        self.losses = nn.ModuleDict(
            {name: MODELS.build(loss) for name, loss in losses.items()}
        )
        self.timestep = timestep
        self.clamp = clamp

    def set_ensemble(self, ensemble: Mapping | None) -> None:
        """Refuses an ensemble, whose members would be equal.

        Args:
            ensemble: None.

        Raises:
            ValueError: There is one.
        """
        if ensemble is not None:
            raise ValueError(
                'one step without noise predicts the same every time: an ensemble of '
                f'{ensemble} brings nothing'
            )
        super().set_ensemble(ensemble)

    def _build_sampler(self, options: Mapping[str, Any]) -> OneStep:
        if dict(options) not in ({}, dict(steps=1)):
            raise ValueError(
                f'OneStepPerceptor makes one step and takes no sampler, got {options}; '
                'a DiffusionPerceptor makes several'
            )
        return OneStep()

    def loss(
        self, inputs: Tensor, data_samples: Sequence[BaseDataElement]
    ) -> dict[str, Tensor]:
        """Computes the losses of a training step.

        Args:
            inputs: RGB in [-1, 1], shape (B, 3, H, W).
            data_samples: With what the codec draws.

        Returns:
            The losses, by their names behind ``loss_``.
        """
        # 1. The target as a picture. (B, 3, H, W)
        target = self.codec.encode(data_samples, plain_images(inputs))
        # 2. What the UNet sees: the image, and no noise. (B, 4, h, w)
        generators = sample_generators(data_samples)
        conditioning = self.encode(inputs)[0]
        timesteps = self.objective.draw_timesteps(len(data_samples), generators)
        # 3. The clean latents that it predicts, decoded. (B, 3, H, W)
        clean = self.predict_clean(conditioning, timesteps.to(inputs.device))
        height, width = target.pictures.shape[-2:]
        pictures = self.vae.draw(clean.float())[..., :height, :width]
        # 4. Their gray, compared with that of the target. (B, 1, H, W)
        gray, known = (
            each.float().mean(dim=1, keepdim=True)
            for each in (pictures, target.pictures.to(pictures))
        )
        if self.clamp:
            gray = gray.clamp(-1, 1)
        meters = None
        if hasattr(self.codec, 'to_meters'):
            meters = self.codec.to_meters(data_samples, known)
        with torch.autocast(inputs.device.type, enabled=False):
            return {
                f'loss_{name}': loss(gray, known, target.valid.to(gray.device), meters)
                for name, loss in self.losses.items()
            }

    def predict_clean(self, conditioning: Conditioning, timesteps: Tensor) -> Tensor:
        """Predicts clean latents in one pass.

        Args:
            conditioning: What the UNet is told.
            timesteps: Shape (B,).

        Returns:
            Clean latents, shape (B, 4, h, w).
        """
        nothing = torch.zeros_like(conditioning.image)
        predicted = self.denoise(conditioning, nothing, timesteps)
        return self.objective.recover_clean(predicted, nothing, timesteps)

    @torch.no_grad()
    def denoising_steps(
        self, images: Tensor, noise: Tensor | None = None
    ) -> Iterator[DenoisingStep]:
        """Makes the one step.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W).
            noise: Not used.

        Yields:
            The step.
        """
        conditioning = self.encode(images)[0]
        timesteps = torch.full((len(images),), self.timestep, device=images.device)
        clean = self.predict_clean(conditioning, timesteps)
        yield DenoisingStep(self.timestep, clean, clean)
