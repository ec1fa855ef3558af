"""Random numbers that belong to a training iteration and a sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from mmengine.logging import MessageHub


def seeded_generators(numbers: Sequence[int], *stream: int) -> list[torch.Generator]:
    """Seeds a generator for every sample of a training batch.

    The seed is made of the run's seed, the iteration and a number of the sample. So a
    sample draws the same however batches are divided over processes, and in a run that
    was killed and resumed.

    Outside of a run there is no iteration; then torch's default generator takes its
    place.

    Args:
        numbers: A number for each sample, not negative.
        *stream: Further numbers, for draws that are unrelated to others.

    Returns:
        A generator on the CPU for each.
    """
    hub = MessageHub.get_current_instance()
    seed, iteration = hub.get_info('seed'), hub.get_info('iter')
    if seed is None or iteration is None:
        seed, iteration = 0, int(torch.randint(2**31, ()))
    return [_generator(seed, iteration, number, *stream) for number in numbers]


def _generator(*entropy: int) -> torch.Generator:
    # SeedSequence mixes the entries: neighbors get unrelated states.
    (state,) = np.random.SeedSequence(entropy).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state))
