"""Data set of captioned scenes of the mini world, drawn on demand."""

from __future__ import annotations

import torch
from mmengine.registry import DATASETS
from mmengine.structures import BaseDataElement
from torch.utils.data import Dataset

from ..mini_world import Renderer, SceneSampler, write_captions


@DATASETS.register_module()
class MiniWorldCaptionDataset(Dataset):
    """Images and captions of the mini world, without files.

    Drawing takes a few milliseconds, so two workers keep up with any training on a
    CPU. Item ``i`` is a function of (seed, split, i) alone.

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

    Raises:
        ValueError: The number of scenes is not positive.
    """

    metainfo: dict = {}

    def __init__(
        self, num_scenes: int, split: str = 'train', seed: int = 0, size: int = 128
    ) -> None:
        if num_scenes < 1:
            raise ValueError(f'num_scenes must be at least 1, got {num_scenes}')
        self.num_scenes = num_scenes
        self.split = split
        self._sampler = SceneSampler(seed)
        self._renderer = Renderer(size)

    def __len__(self) -> int:
        """Number of scenes."""
        return self.num_scenes

    def __getitem__(self, index: int) -> dict:
        """Draws a scene.

        Args:
            index: Its number, from zero.

        Returns:
            ``inputs``, RGB of shape (3, size, size) uint8, and ``data_samples`` with
            ``captions``.

        Raises:
            IndexError: There is no such scene.
        """
        if not 0 <= index < self.num_scenes:
            raise IndexError(f'scene {index} of {self.num_scenes}')
        scene = self._sampler.sample(self.split, index)
        rendered = self._renderer.render(scene)
        image = torch.from_numpy(rendered.image).permute(2, 0, 1).contiguous()
        sample = BaseDataElement(metainfo=dict(captions=write_captions(scene)))
        return dict(inputs=image, data_samples=sample)
