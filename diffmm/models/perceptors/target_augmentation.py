"""Corruption of the noisy target in training (ADDP, section 3.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf
from numbers import Real

import torch
import torch.nn.functional as F
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement
from torch import Tensor

from .sample_generators import sample_generators
from .target_codec import PictureTarget, picture_name

_STREAM = 1
_ANY_TASK = '*'


class TargetTransform:
    """Base class: corrupts a target, before or after it is drawn.

    A subclass overrides one of the two methods. Each of them draws the same random
    numbers at any intensity, so that a larger one only goes further the same way.
    """

    def change(
        self, sample: BaseDataElement, intensity: float, generator: torch.Generator
    ) -> BaseDataElement:
        """Changes a target that will be drawn.

        Args:
            sample: Data sample with the target; stays as it is.
            intensity: 0 changes nothing, 1 as much as at the noisiest timestep. It
                exceeds 1 if the augmentation's does.
            generator: Where random numbers come from.

        Returns:
            A data sample of its own, or the same where nothing changed.
        """
        return sample

    def paint(
        self,
        picture: Tensor,
        sample: BaseDataElement,
        intensity: float,
        generator: torch.Generator,
    ) -> Tensor:
        """Changes a target that was drawn.

        Args:
            picture: RGB in [-1, 1], shape (3, H, W); stays as it is.
            sample: Data sample with the changed target.
            intensity: As for `change`.
            generator: Where random numbers come from.

        Returns:
            The picture, or the same where nothing changed.
        """
        return picture


class TargetAugmentation:
    """Makes the noisy target of a training sample look like a prediction that errs.

    ADDP, equation 4. Only what noise is added to is corrupted. The image, the text and
    the supervision stay as they are, so the network learns to correct errors. Earlier
    steps of denoising err more, so the corruption grows with the timestep.

    Random numbers depend on the run's seed, the iteration and the sample. Timestep and
    noise have numbers of their own, so a corruption does not change them.

    Example:
        >>> augmentation = TargetAugmentation([dict(type='BlurTarget')])
        >>> picture = torch.rand(1, 3, 16, 16)
        >>> sample = BaseDataElement(metainfo=dict(sample_idx=0))
        >>> rows, pictures = augmentation(None, [sample], picture, times=[0.9])
        >>> rows.tolist(), bool((pictures != picture).any())
        ([0], True)

    Args:
        transforms: Configs of the corruptions, each a `TargetTransform`. A model for
            several tasks has such a list for the name of each task. ADDP: `BlurTarget`
            for depth; `ChangeMaskColor`, `ShiftMask` and `EraseMask` for masks. How
            strong they are stands in the paper's appendix, which we could not get:
            their defaults are ours.
        intensity: Factor on all of them. ADDP, Figure 8: 0, 0.5, 1 and 2, of which 2
            was the best and 1 is in its tables.
        by_timestep: The intensity of a sample is multiplied by t / T, so that it falls
            to nothing at the last step of denoising (ADDP). False: the same at all
            timesteps.

    Raises:
        ValueError: There is no transform, one is something else, or the intensity is
            no number from 0 on.
    """

    def __init__(
        self,
        transforms: Sequence[Mapping] | Mapping[str, Sequence[Mapping]],
        intensity: float = 1.0,
        by_timestep: bool = True,
    ) -> None:
        if not isinstance(intensity, Real) or not 0 <= intensity < inf:
            raise ValueError(
                'intensity must be one number for all transforms and not negative, '
                f'got {intensity!r}'
            )
        if by_timestep not in (True, False):
            raise ValueError(f'by_timestep must be True or False, got {by_timestep!r}')
        by_task = transforms
        if not isinstance(transforms, Mapping):
            by_task = {_ANY_TASK: transforms}
        lists = [
            own for own in by_task.values() if own and isinstance(own, list | tuple)
        ]
        if not by_task or len(lists) < len(by_task):
            raise ValueError(
                f'transforms must be a list of corruptions, got {transforms!r}; '
                "[dict(type='BlurTarget')] is one. With several tasks it is a list for "
                'each of them, by name'
            )
        self.transforms = {
            task: [_build_transform(each) for each in own]
            for task, own in by_task.items()
        }
        self.intensity = intensity
        self.by_timestep = by_timestep

    @torch.no_grad()
    def __call__(
        self,
        draw: Callable[..., PictureTarget],
        samples: Sequence[BaseDataElement],
        pictures: Tensor,
        times: Sequence[float],
        images: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Corrupts the targets of a batch.

        Args:
            draw: Draws targets of data samples, the codec's ``encode``.
            samples: The data samples.
            pictures: Their drawn targets, shape (B, 3, H, W).
            times: Their timesteps as shares of the schedule.
            images: Their images, RGB in [-1, 1], shape (B, 3, H, W), if the codec draws
                on them.

        Returns:
            Numbers of the samples that changed, shape (K,), on the CPU, and their
            pictures, shape (K, 3, H, W).

        Raises:
            ValueError: A transform does not know the target, or there are transforms
                for tasks and none for that of a sample.
        """
        rows, changed = [], []
        generators = sample_generators(samples, _STREAM)
        for row, (sample, time) in enumerate(zip(samples, times, strict=True)):
            transforms = self._transforms_of(sample)
            strength = self.intensity * (time if self.by_timestep else 1)
            if strength == 0:
                continue
            corrupted = sample
            for transform in transforms:
                corrupted = transform.change(corrupted, strength, generators[row])
            picture = pictures[row]
            with torch.autocast(pictures.device.type, enabled=False):
                if corrupted is not sample:
                    own = () if images is None else (images[row : row + 1],)
                    (picture,) = draw([corrupted], *own).pictures
                for transform in transforms:
                    picture = transform.paint(
                        picture, corrupted, strength, generators[row]
                    )
            if not torch.equal(picture, pictures[row]):
                rows.append(row)
                changed.append(picture)
        index = torch.tensor(rows, dtype=torch.long)
        return index, torch.stack(changed) if changed else pictures[:0]

    def _transforms_of(self, sample: BaseDataElement) -> list[TargetTransform]:
        if _ANY_TASK in self.transforms:
            return self.transforms[_ANY_TASK]
        task = sample.metainfo.get('task')
        if task not in self.transforms:
            raise ValueError(
                f'{picture_name(sample)} has the task {task!r}, and there are '
                f'transforms for {sorted(self.transforms)} alone'
            )
        return self.transforms[task]


def _build_transform(config: Mapping | TargetTransform) -> TargetTransform:
    transform = TASK_UTILS.build(config) if isinstance(config, Mapping) else config
    if not isinstance(transform, TargetTransform):
        raise ValueError(
            'each of the transforms must be the config of a TargetTransform, such as '
            f"dict(type='BlurTarget'), got {config!r}"
        )
    return transform


@TASK_UTILS.register_module()
class BlurTarget(TargetTransform):
    """Blurs the drawn target with a Gaussian (ADDP for depth, Figure 4a).

    Early steps of denoising know the coarse depth of a scene, but not its edges.

    Example:
        >>> blur = TASK_UTILS.build(dict(type='BlurTarget'))
        >>> picture = torch.zeros(3, 16, 16)
        >>> picture[:, 8:] = 1
        >>> blurred = blur.paint(picture, None, 1.0, None)
        >>> bool(0.3 < blurred[0, 7, 0] < 0.5)
        True

    Args:
        sigma: Standard deviation at intensity 1, as a share of the shorter side. Ours:
            0.08, 10 pixels of 128.

    Raises:
        ValueError: It is not positive.
    """

    def __init__(self, sigma: float = 0.08) -> None:
        if not 0 < sigma < inf:
            raise ValueError(f'sigma must be positive and finite, got {sigma}')
        self.sigma = sigma

    def paint(
        self,
        picture: Tensor,
        sample: BaseDataElement,
        intensity: float,
        generator: torch.Generator,
    ) -> Tensor:
        """Blurs the picture; the intensity is a factor on the standard deviation."""
        sigma = self.sigma * intensity * min(picture.shape[-2:])
        radius = int(4 * sigma + 0.5)
        if radius == 0:  # nothing that a pixel would show
            return picture
        offsets = torch.arange(-radius, radius + 1).to(picture)
        kernel = torch.softmax(-(offsets**2) / (2 * sigma**2), dim=0)
        blurred = picture[:, None]
        for axis in (2, 3):
            shape = [1, 1, 1, 1]
            shape[axis] = len(kernel)
            padding = (0, 0, radius, radius) if axis == 2 else (radius, radius, 0, 0)
            padded = F.pad(blurred, padding, mode='replicate')
            blurred = F.conv2d(padded, kernel.view(shape))
        return blurred[:, 0]
