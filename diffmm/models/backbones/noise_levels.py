"""The noise levels that a backbone reads features at."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from diffmm.diffusion import TimestepSampler, build_noising
from diffmm.diffusion.noising import PredictNoise

from ..seeded_generators import seeded_generators
from .features import DiffusionFeatures

FUSIONS = ('mean', 'concat')


class NoiseLevels:
    """Timesteps, the noise that belongs to them, and how their features join.

    Args:
        timestep: A timestep, or several.
        noise: None for clean latents, ``'ddpm'``, or
            ``dict(type='ddim_inversion', steps=10)``.
        fusion: ``'mean'`` or ``'concat'`` of the maps of several timesteps.

    Attributes:
        timesteps: The timesteps.
        noising: What brings latents to a timestep, or None.
        sampler: Draws a timestep for every sample in training instead, or None;
            ``TimestepSamplingHook`` sets it.

    Raises:
        ValueError: A timestep is no integer, named twice or outside of the schedule, or
            an option is unknown.
    """

    def __init__(
        self,
        timestep: int | Sequence[int],
        noise: str | Mapping | None,
        fusion: str,
    ) -> None:
        several = isinstance(timestep, Sequence) and not isinstance(timestep, str)
        steps = tuple(timestep) if several else (timestep,)
        if not all(isinstance(step, int) for step in steps):
            raise ValueError(
                f'timestep must be an integer, or a list of integers, got {timestep!r}'
            )
        if not steps or len(set(steps)) < len(steps):
            raise ValueError(f'timestep must name each timestep once, got {timestep!r}')
        for step in steps:
            if not 0 <= step < 1000:
                raise ValueError(f'timestep must be in [0, 1000), got {step}')
        if fusion not in FUSIONS:
            raise ValueError(
                f'timestep_fusion must be one of {FUSIONS}, got {fusion!r}'
            )
        self.timesteps = steps
        self.noising = build_noising(noise)
        self.fusion = fusion
        self.sampler: TimestepSampler | None = None

    @property
    def copies(self) -> int:
        """Number of maps that are concatenated where there was one."""
        return len(self.timesteps) if self.fusion == 'concat' else 1

    @property
    def predicts(self) -> bool:
        """Tells if the noise takes predictions of the UNet."""
        return self.noising is not None and self.noising.needs_prediction

    def check_scale(self, latent_scale: float) -> None:
        """Refuses noise on latents of another scale than the prior's.

        Args:
            latent_scale: Factor on the latents.

        Raises:
            ValueError: There is noise, and the latents are unscaled.
        """
        if self.noising is not None and latent_scale == 1:
            raise ValueError(
                'noise belongs to latents as Stable Diffusion was trained on them: set '
                f'latent_scale=0.18215, got {latent_scale}'
            )

    def draw_from(self, sampler: TimestepSampler | None) -> None:
        """Draws the timesteps in training; at test they stay.

        Args:
            sampler: What draws them, or None for those at test.

        Raises:
            ValueError: There are several timesteps, whose features would no longer
                join, or the noise follows a path to one timestep for all.
        """
        if sampler is not None and len(self.timesteps) > 1:
            raise ValueError(
                f'a backbone with the timesteps {self.timesteps} joins their features: '
                'drawing one in training needs a backbone with one timestep'
            )
        if sampler is not None and self.predicts:
            raise ValueError(
                'DDIM inversion follows a path to one timestep for all samples: drawn '
                "timesteps need a backbone with noise='ddpm' or noise=None"
            )
        self.sampler = sampler

    def refuse_refinement(self, expert: Mapping | None) -> None:
        """Refuses what later refinement steps would not repeat.

        Args:
            expert: Config of an expert, or None.

        Raises:
            ValueError: There is noise, an expert or more than one timestep.
        """
        if self.noising is not None or len(self.timesteps) > 1 or expert is not None:
            raise ValueError(
                'refinement_steps and learned_timesteps do not go together with noise, '
                f'several timesteps or an expert, got the timesteps {self.timesteps}, '
                f'noise={self.noising and type(self.noising).__name__} and '
                f'expert={expert!r}'
            )

    def apply(
        self,
        latents: Tensor,
        images: Tensor,
        predict_noise: PredictNoise,
        training: bool = False,
    ) -> list[tuple[Tensor, int | Tensor]]:
        """Brings latents to every timestep.

        Args:
            latents: Clean latents, (B, 4, h, w).
            images: Their images, which seed the noise.
            predict_noise: Predicts the noise in latents at a timestep.
            training: Draw the timesteps, if there is a sampler. A drawn one belongs to
                the run's seed, the iteration and the image's own pixels.

        Returns:
            For each timestep the latents there, and the timestep; drawn ones are
            (B,).
        """
        draws = training and self.sampler is not None
        seeds = []
        if draws or self.noising is not None:
            seeds = seeds_of_images(images)
        timesteps = self.timesteps
        if draws:
            drawn = self.sampler(len(seeds), 1000, seeded_generators(seeds))
            timesteps = (drawn.to(latents.device),)
        pairs = []
        for timestep in timesteps:
            noisy = latents
            if self.noising is not None:
                noisy = self.noising(latents, timestep, seeds, predict_noise)
            pairs.append((noisy, timestep))
        return pairs

    def fuse(self, passes: Sequence[DiffusionFeatures]) -> DiffusionFeatures:
        """Joins the features of all timesteps.

        Args:
            passes: Features of every timestep.

        Returns:
            Features with the joined maps, the mean attention maps, and what else the
            last pass carries.
        """
        if len(passes) == 1:
            return passes[0]
        maps = []
        for group in zip(*passes, strict=True):
            joined = torch.cat(group, dim=1)
            if self.fusion == 'mean':
                joined = torch.stack(group).mean(0)
            maps.append(joined)
        attention_maps = {
            stride: torch.stack([each.attention_maps[stride] for each in passes]).mean(
                0
            )
            for stride in passes[0].attention_maps
        }
        return passes[-1].replace(maps, attention_maps)


def seeds_of_images(images: Tensor) -> list[int]:
    """Makes a seed of every image's own pixels.

    The same image has the same noise in every batch, epoch and process, under
    recomputation and after a resume.

    Args:
        images: RGB in [-1, 1], shape (B, 3, H, W).

    Returns:
        B seeds.
    """
    if images.is_meta:  # shapes alone, as when operations are counted
        return [0] * len(images)
    pixels = ((images.detach().float() + 1) * 127.5).round().clamp(0, 255).byte()
    return [zlib.crc32(each.numpy().tobytes()) for each in pixels.cpu().contiguous()]
