"""Batches that become smaller where the memory does not suffice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from mmengine.logging import print_log

Item = TypeVar('Item')
Result = TypeVar('Result')


class HalvingBatches:
    """Runs a function over many items, a bounded number of rows at a time.

    A batch that does not fit into the memory runs again in halves. The size stays
    halved, so the log says it once and not for every picture.

    Example:
        >>> batches = HalvingBatches(2, 'windows_per_batch')
        >>> list(batches(lambda items: [len(items)] * len(items), 'abc'))
        [2, 2, 1]

    Args:
        size: The most rows of a batch.
        name: Name of the option that sets it, for messages.

    Raises:
        ValueError: The size is no positive integer.
    """

    def __init__(self, size: int, name: str) -> None:
        if not isinstance(size, int) or size < 1:
            raise ValueError(f'{name} must be a positive integer, got {size!r}')
        self.size = size
        self.name = name

    def __call__(
        self,
        run: Callable[[Sequence[Item]], Iterable[Result]],
        items: Sequence[Item],
        rows: int = 1,
    ) -> Iterator[Result]:
        """Runs the function.

        Args:
            run: Takes some of the items, and returns a result for each.
            items: The items.
            rows: Rows that each of them adds to a batch. A batch has one item at least.

        Yields:
            The results, in the order of the items.

        Raises:
            RuntimeError: The function's own; out of memory, if it had a single item.
        """
        done = 0
        while done < len(items):
            count = max(1, self.size // rows)
            try:
                results = list(run(items[done : done + count]))
            except RuntimeError as error:
                if count == 1 or not _is_out_of_memory(error):
                    raise
                results = None  # The error holds tensors, so it ends here.
            if results is None:
                self._halve(min(count, len(items) - done) * rows)
                continue
            yield from results
            done += len(results)

    def _halve(self, rows: int) -> None:
        self.size = rows // 2
        print_log(
            f'Not enough memory for {self.name}={rows}: continuing with {self.size}',
            'current',
            level=logging.WARNING,
        )


def _is_out_of_memory(error: RuntimeError) -> bool:
    from accelerate.utils.memory import should_reduce_batch_size

    return should_reduce_batch_size(error)
