"""The corruption of targets in the training of a perceptor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.hooks.hook import DATA_BATCH
from mmengine.model import is_model_wrapper
from mmengine.registry import HOOKS
from mmengine.structures import BaseDataElement
from torch import Tensor

from diffmm.models.perceptors import (
    DiffusionPerceptor,
    OneStepPerceptor,
    TargetAugmentation,
    TargetCodec,
)
from diffmm.structures import plain_images
from diffmm.visualization import draw_image_grid

# As shares of the schedule, in the order of denoising (ADDP, Figure 4).
TIMES = (0.9, 0.7, 0.5, 0.3, 0.1)


@HOOKS.register_module()
class TargetAugmentationHook(Hook):
    """Corrupts the noisy targets that a `DiffusionPerceptor` is trained on.

    ADDP, section 3.2; see `TargetAugmentation`. Condition and supervision stay clean:
    the loss is that of the clean latents, whatever the network predicts. ADDP takes the
    clean latents themselves for it, ``objective=dict(loss_space='sample')``, because
    the noise that leads back from a corrupted target is large at small timesteps.

    Before training, a grid shows what happens to the first targets. Every visualization
    backend of the config gets it.

    Example:
        >>> hook = HOOKS.build(dict(
        ...     type='TargetAugmentationHook', transforms=[dict(type='BlurTarget')]))

    Args:
        transforms: As for `TargetAugmentation`.
        intensity: As for `TargetAugmentation`.
        by_timestep: As for `TargetAugmentation`.
        draw: Number of targets in the grid; 0 draws none.

    Raises:
        TypeError: The model is no `DiffusionPerceptor`, or one without noisy targets.
        ValueError: As `TargetAugmentation`; in training, a transform that does not
            know the target; or the model has an augmentation already.
    """

    def __init__(
        self,
        transforms: Sequence[Mapping] | Mapping[str, Sequence[Mapping]],
        intensity: float = 1.0,
        by_timestep: bool = True,
        draw: int = 2,
    ) -> None:
        if draw < 0:
            raise ValueError(f'draw must not be negative, got {draw}')
        self.augmentation = TargetAugmentation(transforms, intensity, by_timestep)
        self.draw = draw

    def before_train(self, runner) -> None:
        """Gives the model the augmentation."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        noisy = isinstance(model, DiffusionPerceptor)
        if not noisy or isinstance(model, OneStepPerceptor):
            raise TypeError(
                'TargetAugmentationHook corrupts the noisy targets that a '
                f'DiffusionPerceptor sees, and {type(model).__name__} sees none'
            )
        if model.target_augmentation not in (None, self.augmentation):
            raise ValueError(
                'the model has an augmentation of its targets already: list all '
                'transforms in one TargetAugmentationHook'
            )
        model.target_augmentation = self.augmentation
        self._model = model
        self._drawn = runner.iter > 0

    def before_train_iter(
        self, runner, batch_idx: int, data_batch: DATA_BATCH = None
    ) -> None:
        """Draws the grid before the first iteration."""
        if self._drawn or not self.draw or runner.rank != 0:
            return
        self._drawn = True
        model = self._model
        data = model.data_preprocessor(
            {key: value[: self.draw] for key, value in data_batch.items()}, True
        )
        picture = draw_corruptions(
            model.codec, self.augmentation, data['data_samples'], data['inputs']
        )
        runner.visualizer.add_image('target_augmentation', picture, runner.iter)


@torch.no_grad()
def draw_corruptions(
    codec: TargetCodec,
    augmentation: TargetAugmentation,
    samples: Sequence[BaseDataElement],
    images: Tensor,
    times: Sequence[float] = TIMES,
) -> np.ndarray:
    """Draws targets and what an augmentation makes of them (ADDP, Figure 4).

    Args:
        codec: Draws targets.
        augmentation: The augmentation.
        samples: Data samples with targets.
        images: Their images, RGB in [-1, 1], shape (B, 3, H, W).
        times: Timesteps as shares of the schedule.

    Returns:
        RGB grid: a row for each target, first the clean one.
    """
    images = plain_images(images)
    titles, tiles = [], []
    for row, sample in enumerate(samples):
        image = images[row : row + 1]
        clean = codec.encode([sample], image).pictures
        titles += ['clean', *(f't = {time:g} T' for time in times)]
        tiles.append(_to_pixels(clean[0]))
        for time in times:
            found = augmentation(codec.encode, [sample], clean, [time], image)
            tiles.append(_to_pixels(torch.cat([found[1], clean])[0]))
    return draw_image_grid(tiles, titles, columns=1 + len(times))


def _to_pixels(picture: Tensor) -> np.ndarray:
    pixels = (picture * 127.5 + 127.5).round().clamp(0, 255).byte()
    return pixels.permute(1, 2, 0).cpu().numpy()
