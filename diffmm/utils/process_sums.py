"""Sums over the processes of a distributed run."""

from __future__ import annotations

import torch.distributed as dist
from torch import Tensor


def sum_over_processes(values: Tensor) -> Tensor:
    """Adds up what every process has; a single process gets its own values back.

    No gradient flows through it, so give it counts and statistics.

    Args:
        values: A tensor of the same shape in every process.

    Returns:
        Their sum, detached, in every process.
    """
    total = values.detach().clone()
    if dist.is_available() and dist.is_initialized():
        dist.all_reduce(total)
    return total


def process_count() -> int:
    """Counts the processes of the run."""
    if dist.is_available() and dist.is_initialized():
        return dist.get_world_size()
    return 1
