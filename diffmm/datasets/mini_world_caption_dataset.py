"""Data set of captioned scenes of the mini world, drawn on demand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from mmengine.registry import DATASETS
from mmengine.structures import BaseDataElement
from torch import Tensor
from torch.utils.data import Dataset

from ..mini_world import (
    STYLES,
    Renderer,
    Scene,
    SceneSampler,
    name_style,
    stylize,
    write_captions,
    write_plain_caption,
)

# Keeps the random stream of styles apart from those of scenes.
_STREAM = 3


@DATASETS.register_module()
class MiniWorldCaptionDataset(Dataset):
    """Images and captions of the mini world, without files.

    Drawing takes a few milliseconds, so two workers keep up with any training on a
    CPU. Item ``i`` is a function of (seed, split, i) and the options alone.

    Example:
        >>> dataset = DATASETS.build(
        ...     dict(type='MiniWorldCaptionDataset', num_scenes=100, size=64))
        >>> dataset[0]['inputs'].shape
        torch.Size([3, 64, 64])

    Args:
        num_scenes: Number of scenes.
        split: ``'train'`` or ``'val'``; they share no scene.
        seed: Seed of the world. Choose another one than that of the scenes for
            fine-tuning and evaluation.
        size: Side of the images in pixels.
        styles: Styles with their shares, such as ``dict(day=0.5, night=0.5)``;
            captions name every style but ``day``. None draws all scenes by day.
        plain_captions: Gives a scene one caption, in a fixed order of words, which is
            what a captioner learns. False gives several of different forms, as
            text-to-image models need them.
        keep_images: Keeps every image in memory once it is drawn (49 kB at 128 pixels;
            each worker keeps its own), for trainings of many epochs.

    Raises:
        ValueError: The number of scenes is not positive, a style is unknown, or the
            shares do not sum to 1.
    """

    metainfo: dict = {}

    def __init__(
        self,
        num_scenes: int,
        split: str = 'train',
        seed: int = 0,
        size: int = 128,
        styles: Mapping[str, float] | None = None,
        plain_captions: bool = False,
        keep_images: bool = False,
    ) -> None:
        if num_scenes < 1:
            raise ValueError(f'num_scenes must be at least 1, got {num_scenes}')
        styles = dict(styles or {'day': 1.0})
        unknown = sorted(set(styles) - set(STYLES))
        if unknown or min(styles.values()) < 0 or abs(sum(styles.values()) - 1) > 1e-6:
            raise ValueError(
                f'styles must give each of some of {list(STYLES)} its share, all '
                f'together 1, got {styles}'
            )
        self.num_scenes = num_scenes
        self.split = split
        self.styles = styles
        self.plain_captions = plain_captions
        self._sampler = SceneSampler(seed)
        self._renderer = Renderer(size)
        self._kept: dict[int, Tensor] | None = {} if keep_images else None

    def __len__(self) -> int:
        """Number of scenes."""
        return self.num_scenes

    def __getitem__(self, index: int) -> dict:
        """Draws a scene.

        Args:
            index: Its number, from zero.

        Returns:
            ``inputs``, RGB of shape (3, size, size) uint8, and ``data_samples`` with
            ``captions`` and ``style``.

        Raises:
            IndexError: There is no such scene.
        """
        if not 0 <= index < self.num_scenes:
            raise IndexError(f'scene {index} of {self.num_scenes}')
        scene = self._sampler.sample(self.split, index)
        style = self._style(scene)
        if self._kept is None:
            image = self._draw(scene, style)
        else:
            if index not in self._kept:
                self._kept[index] = self._draw(scene, style)
            image = self._kept[index]
        captions = self._captions(scene, style)
        sample = BaseDataElement(metainfo=dict(captions=captions, style=style))
        return dict(inputs=image, data_samples=sample)

    def _style(self, scene: Scene) -> str:
        if len(self.styles) == 1:
            return next(iter(self.styles))
        rng = np.random.default_rng((scene.background.seed, _STREAM))
        return str(rng.choice(list(self.styles), p=list(self.styles.values())))

    def _draw(self, scene: Scene, style: str) -> Tensor:
        picture = stylize(self._renderer.render(scene), style)
        return torch.from_numpy(picture).permute(2, 0, 1).contiguous()

    def _captions(self, scene: Scene, style: str) -> list[str]:
        if self.plain_captions:
            return [name_style(write_plain_caption(scene), style)]
        captions = write_captions(scene)
        if style == 'day':
            return captions
        # The second begins with the ground, which fits behind no style's phrase.
        return [name_style(text, style) for text in captions[:1] + captions[2:]]
