"""Batches that each come from one of several data sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from mmengine.dataset import InfiniteSampler
from mmengine.registry import DATA_SAMPLERS
from torch.utils.data import ConcatDataset


@DATA_SAMPLERS.register_module()
class SourceBatchSampler:
    """Endless batches, each from one data set of a ``ConcatDataset``.

    So pictures of different sizes never share a batch. In Marigold nine of ten batches
    come from Hypersim and one from Virtual KITTI 2.

    The sampler goes through every data set in its own random order, again and again. In
    a distributed run all processes draw from the same data set at a time. Together they
    draw what one process with larger batches would.

    Example:
        >>> from mmengine.dataset import InfiniteSampler
        >>> from torch.utils.data import ConcatDataset
        >>> data = ConcatDataset([range(6), range(4)])
        >>> sampler = DATA_SAMPLERS.build(dict(
        ...     type='SourceBatchSampler', batch_size=2, shares=(0, 1),
        ...     sampler=InfiniteSampler(data, seed=0)))
        >>> all(index >= 6 for index in next(iter(sampler)))
        True

    Args:
        sampler: MMEngine's ``InfiniteSampler`` over the data; its seed, rank and number
            of processes are used.
        batch_size: Samples of a batch of one process.
        shares: Share of the batches that come from each data set; they sum to 1.

    Raises:
        TypeError: The data is no ``ConcatDataset``, or the sampler ends.
        ValueError: There is not one share for each data set, they do not sum to 1, or
            a batch is empty.
    """

    def __init__(
        self, sampler: InfiniteSampler, batch_size: int, shares: Sequence[float]
    ) -> None:
        data = sampler.dataset
        if not isinstance(data, ConcatDataset):
            raise TypeError(
                'SourceBatchSampler needs a ConcatDataset of the data sets to mix, got '
                f'{type(data).__name__}'
            )
        if not isinstance(sampler, InfiniteSampler):
            raise TypeError(
                "SourceBatchSampler needs sampler=dict(type='InfiniteSampler'), got "
                f'{type(sampler).__name__}'
            )
        if len(shares) != len(data.datasets):
            raise ValueError(
                f'{len(data.datasets)} data sets need as many shares, got '
                f'{tuple(shares)}'
            )
        if min(shares) < 0 or not np.isclose(sum(shares), 1):
            raise ValueError(f'shares must sum to 1, got {tuple(shares)}')
        if not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(
                f'batch_size must be a number from 1 on, got {batch_size!r}'
            )
        self.sampler = sampler
        self.batch_size = batch_size
        self.shares = tuple(shares)

    def __iter__(self) -> Iterator[list[int]]:
        """Yields batches of indices of the concatenated data, without end."""
        size, rank = self.sampler.world_size, self.sampler.rank
        chooser = np.random.default_rng((self.sampler.seed, len(self.shares)))
        streams = [self._stream(source) for source in range(len(self.shares))]
        while True:
            source = chooser.choice(len(streams), p=self.shares)
            batch = list(islice(streams[source], self.batch_size * size))
            # What one process takes of the batch, as MMEngine's samplers do.
            yield batch[rank::size]

    def __len__(self) -> int:
        """Counts the batches that hold as many samples as the data."""
        total = self.batch_size * self.sampler.world_size
        return max(1, len(self.sampler.dataset) // total)

    def _stream(self, source: int) -> Iterator[int]:
        ends = [0, *self.sampler.dataset.cumulative_sizes]
        first, last = ends[source : source + 2]
        order = np.random.default_rng((self.sampler.seed, source))
        while True:
            yield from (first + order.permutation(last - first)).tolist()
