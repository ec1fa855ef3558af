"""The training objective that all diffusion models share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler
from diffusers.utils.torch_utils import randn_tensor
from torch import Tensor

from diffmm.utils.process_sums import process_count, sum_over_processes

from .schedule import at_least_single, build_schedule
from .timestep_sampling import TimestepSampler, UniformTimesteps

PREDICTION_TYPES = ('epsilon', 'v_prediction', 'sample')
LOSS_SPACES = ('prediction', 'sample')


class NoisyLatents(NamedTuple):
    """A batch to be denoised.

    Attributes:
        latents: What the network sees, shape (B, C, h, w).
        timesteps: How noisy each sample is, shape (B,).
        target: What the network shall predict, shape (B, C, h, w).
        weights: Weight of each sample's errors, shape (B,); None where all count alike.
    """

    latents: Tensor
    timesteps: Tensor
    target: Tensor
    weights: Tensor | None


class GaussianNoise:
    """White noise, as Stable Diffusion and InstructPix2Pix are trained with it.

    Example:
        >>> noise = TASK_UTILS.build(dict(type='GaussianNoise'))
        >>> noise(torch.zeros(2, 4, 8, 8), torch.tensor([10, 900])).shape
        torch.Size([2, 4, 8, 8])
    """

    def __call__(
        self,
        latents: Tensor,
        timesteps: Tensor,
        generator: torch.Generator | Sequence[torch.Generator] | None = None,
    ) -> Tensor:
        """Draws noise.

        Args:
            latents: Latents that it will be added to, shape (B, C, h, w).
            timesteps: Their timesteps, shape (B,). This noise is the same for all.
            generator: Where the random numbers come from: torch's default generator,
                another one, or one for every sample.

        Returns:
            Noise of the shape, dtype and device of the latents.
        """
        if generator is not None and not isinstance(generator, torch.Generator):
            generator = list(generator)
        return randn_tensor(
            latents.shape, generator, device=latents.device, dtype=latents.dtype
        )


@dataclass
class DiffusionObjective:
    """The noisy input of a diffusion model, and the target that belongs to it.

    A model calls `add_noise`, runs its network on the result, and hands the
    prediction to `loss`. It never asks which parts the objective has, so a hook may
    exchange one at any time: ``model.objective.timesteps = ...``.

    Attributes:
        schedule: The noise schedule. Its ``prediction_type`` is what the network
            predicts: ``'epsilon'``, the noise (Stable Diffusion 1, InstructPix2Pix);
            ``'v_prediction'``, Salimans and Ho's velocity (Stable Diffusion 2 at 768
            pixels, Marigold); ``'sample'``, the clean latents (ADDP).
        timesteps: Draws how noisy each sample is.
        noise: Draws the noise: ``noise(latents, timesteps, generator)``, as
            `GaussianNoise`.
        weighting: Maps timesteps (B,) to the weights of their errors (B,), or None to
            count all alike (Stable Diffusion, Marigold).
        loss_space: Where errors are squared: ``'prediction'``, in what the network
            predicts (Stable Diffusion, Marigold), or ``'sample'``, in the clean latents
            that its prediction means. ADDP trains with the latter (section 3.2). It
            needs no other network: an error of the noise is ``sqrt((1 - a) / a)`` times
            as large in the clean latents, one of the velocity ``sqrt(1 - a)`` times,
            where a is alpha-bar of the timestep. So it weighs timesteps, too: with
            predicted noise, exactly as ADDP's contributions do.

    Raises:
        ValueError: The prediction type or the loss space is unknown, or noise shall be
            predicted on a schedule that ends in pure noise.
    """

    schedule: DDPMScheduler = field(default_factory=build_schedule)
    timesteps: TimestepSampler = field(default_factory=UniformTimesteps)
    noise: Callable[..., Tensor] = field(default_factory=GaussianNoise)
    weighting: Callable[[Tensor], Tensor] | None = None
    loss_space: str = 'prediction'

    def __post_init__(self) -> None:
        """Checks the schedule and the space of the loss."""
        if self.loss_space not in LOSS_SPACES:
            raise ValueError(
                f'loss_space must be one of {LOSS_SPACES}, got {self.loss_space!r}'
            )
        if self.prediction_type not in PREDICTION_TYPES:
            raise ValueError(
                f'prediction_type must be one of {PREDICTION_TYPES}, got '
                f'{self.prediction_type!r}'
            )
        last = self.schedule.alphas_cumprod[-1].item()
        if self.prediction_type == 'epsilon' and last == 0:
            raise ValueError(
                "prediction_type='epsilon' does not work with a schedule that ends in "
                'pure noise (the last of alphas_cumprod is 0): there the noise says '
                "nothing about the sample. Take 'v_prediction' or 'sample', or a "
                'schedule without rescale_betas_zero_snr'
            )

    @property
    def prediction_type(self) -> str:
        """The quantity that the network predicts, one of ``PREDICTION_TYPES``."""
        return self.schedule.config.prediction_type

    @property
    def num_timesteps(self) -> int:
        """Length T of the schedule."""
        return self.schedule.config.num_train_timesteps

    def draw_timesteps(
        self,
        count: int,
        generator: torch.Generator | Sequence[torch.Generator] | None = None,
    ) -> Tensor:
        """Draws timesteps, for a corruption that depends on them.

        Noise that is drawn afterwards from the same generators is that of `add_noise`
        alone.

        Args:
            count: Number of samples B.
            generator: As for `add_noise`.

        Returns:
            Timesteps on the CPU, shape (B,).
        """
        return self.timesteps(count, self.num_timesteps, generator)

    def add_noise(
        self,
        clean: Tensor,
        corrupted: Tensor | None = None,
        timesteps: Tensor | None = None,
        noise: Tensor | None = None,
        generator: torch.Generator | Sequence[torch.Generator] | None = None,
    ) -> NoisyLatents:
        r"""Makes a batch to be denoised.

        With ``corrupted`` the network sees :math:`\sqrt{\bar\alpha} x_0' +
        \sqrt{1 - \bar\alpha} \epsilon`, where :math:`x_0'` are the corrupted latents,
        and the target is still what leads back to the clean :math:`x_0` (ADDP,
        section 3.2): the clean latents, or the noise
        :math:`\epsilon + \sqrt{\bar\alpha / (1 - \bar\alpha)} (x_0' - x_0)`, or the
        velocity that belongs to that noise.

        Args:
            clean: Scaled latents that shall be recovered, shape (B, C, h, w).
            corrupted: Latents that noise is added to instead, same shape.
            timesteps: Timesteps, shape (B,), instead of drawn ones.
            noise: Noise of the shape of ``clean``, instead of drawn noise.
            generator: Where the random numbers come from: torch's default generator,
                another one, or one for every sample, whose timestep and noise then do
                not depend on its batch.

        Returns:
            What the network sees, and what it shall predict.
        """
        # 1. Timesteps and noise. (B,) and (B, C, h, w)
        if timesteps is None:
            timesteps = self.draw_timesteps(len(clean), generator)
        timesteps = timesteps.to(clean.device)
        if noise is None:
            noise = self.noise(clean, timesteps, generator)
        dtype = clean.dtype
        clean, noise = at_least_single(clean), at_least_single(noise)
        # 2. What the network sees. (B, C, h, w)
        source = clean if corrupted is None else at_least_single(corrupted)
        latents = self.schedule.add_noise(source, noise, timesteps)
        # 3. The noise that lies between this and the clean latents. (B, C, h, w)
        if corrupted is not None:
            signal, scale = self._levels(timesteps, clean)
            noise = noise + signal / scale * (source - clean)
        # 4. What the network shall predict. (B, C, h, w)
        target = self._target(clean, noise, timesteps)
        weights = None if self.weighting is None else self.weighting(timesteps)
        return NoisyLatents(latents.to(dtype), timesteps, target.to(dtype), weights)

    def errors(self, predicted: Tensor, noisy: NoisyLatents) -> Tensor:
        """Squared errors of a prediction in the space of the loss, not weighted.

        Args:
            predicted: Output of the network, shape (B, C, h, w).
            noisy: What the network saw.

        Returns:
            Errors in single precision, shape (B, C, h, w).
        """
        target = noisy.target.float()
        errors = F.mse_loss(predicted.float(), target, reduction='none')
        if self.loss_space == 'prediction' or self.prediction_type == 'sample':
            return errors
        signal, scale = self._levels(noisy.timesteps, target)
        if self.prediction_type == 'epsilon':
            scale = scale / signal
        return errors * scale.square()

    def loss(
        self, predicted: Tensor, noisy: NoisyLatents, valid: Tensor | None = None
    ) -> Tensor:
        """Weighted mean of the squared errors.

        With a mask, the mean is that over all valid values of the batches of all
        processes, so that the gradient is the same however a batch is divided. (The
        released Marigold takes the mean over a batch of one process.) Without any valid
        value, loss and gradient are zero.

        Args:
            predicted: Output of the network, shape (B, C, h, w).
            noisy: What the network saw.
            valid: Which values count, bool, shape (B, 1, h, w) or (B, C, h, w); None
                for all.

        Returns:
            The loss, a scalar. Its mean over processes is the mean over valid values.
        """
        errors = self.errors(predicted, noisy)
        if noisy.weights is not None:
            errors = errors * noisy.weights.to(errors).view(-1, 1, 1, 1)
        if valid is None:
            return errors.mean()
        valid = valid.expand_as(errors)
        count = sum_over_processes(valid.sum())
        # Distributed training averages gradients over processes.
        total = torch.where(valid, errors, 0).sum() * process_count()
        return total / count.clamp(min=1)

    def recover_clean(
        self, predicted: Tensor, latents: Tensor, timesteps: Tensor
    ) -> Tensor:
        """Computes the clean latents that a prediction means.

        Args:
            predicted: Output of the network, shape (B, C, h, w).
            latents: What the network saw, same shape.
            timesteps: How noisy that was, shape (B,).

        Returns:
            Clean latents, shape (B, C, h, w).
        """
        if self.prediction_type == 'sample':
            return predicted
        signal, scale = self._levels(timesteps, latents)
        if self.prediction_type == 'epsilon':
            clean = (latents - scale * predicted) / signal
        else:
            clean = signal * latents - scale * predicted
        return clean.to(torch.promote_types(latents.dtype, predicted.dtype))

    def _target(self, clean: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        if self.prediction_type == 'epsilon':
            return noise
        if self.prediction_type == 'sample':
            return clean
        return self.schedule.get_velocity(clean, noise, timesteps)

    def _levels(self, timesteps: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        """Factors of the clean latents and of the noise, each (B, 1, 1, 1)."""
        alphas = self.schedule.alphas_cumprod.to(like.device)[timesteps]
        alphas = alphas.to(at_least_single(like).dtype).view(-1, 1, 1, 1)
        return alphas.sqrt(), (1 - alphas).sqrt()
