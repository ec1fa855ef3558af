"""Windows over a picture or its latents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import torch
from torch import Tensor

from diffmm.utils.halving_batches import HalvingBatches

Window = tuple[Any, ...]

TEST_MODES = ('whole', 'slide')
WINDOWS_PER_BATCH = 4


def check_windows(test_cfg: Mapping[str, Any], multiple: int) -> None:
    """Refuses test options that leave gaps.

    Args:
        test_cfg: ``mode``, and for ``'slide'`` ``crop_size`` and ``stride`` in pixels.
        multiple: What sizes must be multiples of.

    Raises:
        ValueError: The mode is unknown, a window or stride is no multiple, or a stride
            exceeds its window.
    """
    mode = test_cfg.get('mode')
    if mode not in TEST_MODES:
        raise ValueError(f'test_cfg.mode must be one of {TEST_MODES}, got {mode!r}')
    if mode == 'whole':
        return
    window, stride = test_cfg['crop_size'], test_cfg['stride']
    sides = (*window, *stride)
    fits = all(0 < s <= w for s, w in zip(stride, window, strict=True))
    if not fits or any(side % multiple for side in sides):
        raise ValueError(
            f'test_cfg has windows of {tuple(window)} and a stride of {tuple(stride)} '
            f'pixels; they must be multiples of {multiple}, and a stride at most its '
            'window'
        )


def window_batches(test_cfg: Mapping[str, Any] | None) -> HalvingBatches:
    """Makes the batches that windows run in.

    Args:
        test_cfg: Test options. ``windows_per_batch`` is the most windows of a batch, 4
            by default; those of all pictures of the batch count.

    Returns:
        The batches.

    Raises:
        ValueError: ``windows_per_batch`` is no positive integer.
    """
    size = (test_cfg or {}).get('windows_per_batch', WINDOWS_PER_BATCH)
    return HalvingBatches(size, 'test_cfg.windows_per_batch')


def average_windows(
    predict: Callable[[Sequence[Window]], Iterable[Tensor]],
    shape: tuple[int, ...],
    size: tuple[int, int],
    stride: tuple[int, int],
    batches: HalvingBatches,
    rows: int | None = None,
) -> Tensor:
    """Predicts in windows and averages where they overlap.

    The last window of a row or column ends at the edge. Windows are predicted in
    batches, and added one after the other, row by row.

    Args:
        predict: Predicts the windows of some indices such as ``[..., 0:8, 4:12]``, each
            of shape (B, C, h, w).
        shape: Of the whole prediction, (B, C, H, W).
        size: Height and width of a window; larger than the whole is the whole.
        stride: Distance of windows.
        batches: How many windows are predicted together.
        rows: Rows of a batch that a window takes; B by default.

    Returns:
        The prediction, shape (B, C, H, W), in float32 or more.
    """
    starts = [
        _starts(side, window, step)
        for side, window, step in zip(shape[-2:], size, stride, strict=True)
    ]
    windows = [
        (..., slice(top, top + size[0]), slice(left, left + size[1]))
        for top, left in product(*starts)
    ]
    total, count = None, None
    parts = batches(predict, windows, rows or shape[0])
    for window, part in zip(windows, parts, strict=True):
        if total is None:
            dtype = torch.promote_types(part.dtype, torch.float32)
            total = part.new_zeros(shape, dtype=dtype)
            count = total.new_zeros(shape[-2:])
        total[window] += part
        count[window] += 1
    return total / count


def _starts(side: int, window: int, stride: int) -> list[int]:
    last = max(side - window, 0)
    return [*range(0, last, stride), last]
