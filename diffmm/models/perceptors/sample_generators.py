"""Random numbers that belong to a sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from mmengine.logging import MessageHub
from mmengine.structures import BaseDataElement

_KEY = 'sample_idx'


def sample_generators(samples: Sequence[BaseDataElement]) -> list[torch.Generator]:
    """Seeds a generator for every sample of a training batch.

    The seed is made of the run's seed, the iteration and the sample's number in its
    data set. So a sample gets the same timestep and noise however batches are divided
    over processes, and in a run that was killed and resumed.

    Outside of a run there is no iteration; then torch's default generator takes its
    place.

    Args:
        samples: Data samples with ``sample_idx`` in their metainfo.

    Returns:
        A generator on the CPU for each.

    Raises:
        ValueError: A sample has no number.
    """
    numbers = [sample.metainfo.get(_KEY) for sample in samples]
    if None in numbers:
        raise ValueError(
            f'a sample of the batch has no {_KEY!r} in its metainfo, to which its '
            "timestep and noise belong: add it to the packing transform's meta_keys"
        )
    hub = MessageHub.get_current_instance()
    seed, iteration = hub.get_info('seed'), hub.get_info('iter')
    if seed is None or iteration is None:
        seed, iteration = 0, int(torch.randint(2**31, ()))
    return [_generator(seed, iteration, number) for number in numbers]


def _generator(*entropy: int) -> torch.Generator:
    # SeedSequence mixes the entries: neighbors get unrelated states.
    (state,) = np.random.SeedSequence(entropy).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state))
