"""Data set of latents and captions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from mmengine.registry import DATASETS
from mmengine.structures import BaseDataElement
from torch.utils.data import Dataset

LATENTS, CAPTIONS = 'latents_{:05d}.npy', 'captions_{:05d}.jsonl'


@DATASETS.register_module()
class LatentCaptionDataset(Dataset):
    """Latents that ``tools/encoders/encode_latents.py`` wrote.

    Example:
        >>> import numpy, pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as name:
        ...     folder = pathlib.Path(name)
        ...     numpy.save(folder / 'latents_0.npy', numpy.zeros((1, 4, 16, 16), 'f2'))
        ...     _ = (folder / 'captions_0.jsonl').write_text('["a red ball"]')
        ...     dataset = DATASETS.build(
        ...         dict(type='LatentCaptionDataset', data_root=folder))
        >>> dataset[0]['inputs'].shape, dataset[0]['data_samples'].captions
        (torch.Size([4, 16, 16]), ['a red ball'])

    Args:
        data_root: Folder with ``latents_*.npy``, scaled latents (N, 4, h, w), and
            beside each a ``captions_*.jsonl`` of N lines, each a list of captions.

    Raises:
        FileNotFoundError: There are no latents, or captions are missing.
        ValueError: Latents and captions differ in number.
    """

    metainfo: dict = {}

    def __init__(self, data_root: str | Path) -> None:
        root = Path(data_root)
        paths = sorted(root.glob('latents_*.npy'))
        if not paths:
            raise FileNotFoundError(
                f'no latents_*.npy in {root}; write them with '
                'tools/encoders/encode_latents.py'
            )
        self.latents = torch.from_numpy(np.concatenate([np.load(p) for p in paths]))
        self.captions: list[list[str]] = []
        for path in paths:
            name = path.stem.replace('latents', 'captions') + '.jsonl'
            lines = (root / name).read_text(encoding='utf-8').splitlines()
            self.captions += [json.loads(line) for line in lines]
        if len(self.captions) != len(self.latents):
            raise ValueError(
                f'{root} holds {len(self.latents)} latents and {len(self.captions)} '
                'captions; remove the folder and encode again'
            )

    def __len__(self) -> int:
        """Number of images."""
        return len(self.latents)

    def __getitem__(self, index: int) -> dict:
        """Takes one image.

        Args:
            index: Its number.

        Returns:
            ``inputs``, latents (4, h, w) float32, and ``data_samples`` with
            ``captions``.
        """
        sample = BaseDataElement(metainfo=dict(captions=self.captions[index]))
        return dict(inputs=self.latents[index].float(), data_samples=sample)
