"""Random numbers that belong to a sample."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.structures import BaseDataElement

from ..seeded_generators import seeded_generators
from .target_codec import picture_name

_KEY = 'sample_idx'


def sample_generators(
    samples: Sequence[BaseDataElement], *stream: int
) -> list[torch.Generator]:
    """Seeds a generator for every sample of a training batch.

    The seed is made of the run's seed, the iteration and the sample's number in its
    data set, see `seeded_generators`.

    Args:
        samples: Data samples with ``sample_idx`` in their metainfo.
        *stream: Nothing for timestep and noise, 1 for what corrupts targets.

    Returns:
        A generator on the CPU for each.

    Raises:
        ValueError: A sample has no number.
    """
    numbers = [sample.metainfo.get(_KEY) for sample in samples]
    if None in numbers:
        name = picture_name(samples[numbers.index(None)])
        raise ValueError(
            f'{name} has no {_KEY!r} in its metainfo, to which its timestep and noise '
            "belong: add it to the packing transform's meta_keys"
        )
    return seeded_generators(numbers, *stream)
