"""Windows over a picture's latents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

from torch import Tensor

TEST_MODES = ('whole', 'slide')


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


def average_windows(
    predict: Callable[[tuple[Any, ...]], Tensor],
    shape: tuple[int, ...],
    size: tuple[int, int],
    stride: tuple[int, int],
) -> Tensor:
    """Predicts in windows and averages where they overlap.

    The last window of a row or column ends at the edge.

    Args:
        predict: Predicts the window of an index such as ``[..., 0:8, 4:12]``.
        shape: Of the whole prediction, (B, C, H, W).
        size: Height and width of a window; larger than the whole is the whole.
        stride: Distance of windows.

    Returns:
        The prediction, shape (B, C, H, W).
    """
    starts = [
        _starts(side, window, step)
        for side, window, step in zip(shape[-2:], size, stride, strict=True)
    ]
    total, count = None, None
    for top, left in product(*starts):
        window = (..., slice(top, top + size[0]), slice(left, left + size[1]))
        part = predict(window)
        if total is None:
            total = part.new_zeros(shape)
            count = part.new_zeros(shape[-2:])
        total[window] += part
        count[window] += 1
    return total / count


def _starts(side: int, window: int, stride: int) -> list[int]:
    last = max(side - window, 0)
    return [*range(0, last, stride), last]
