"""Loading of mmengine's own checkpoints with torch's safe unpickler.

torch >= 2.6 loads with ``weights_only=True``, and mmengine 0.10.7 does not declare the
types that its checkpoints hold (https://github.com/open-mmlab/mmengine/issues/1655).
"""

from __future__ import annotations

import _codecs
import io
import pickle
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer
from mmengine.runner import checkpoint

_STATISTICS = ('min', 'max', 'mean', 'current')


def history_statistic(owner: Any, name: str) -> Any:
    """Stands in for ``builtins.getattr`` in a checkpoint.

    A ``HistoryBuffer`` pickles its statistics as ``getattr(HistoryBuffer, 'mean')``.
    The real ``getattr`` would let a file walk from there to any attribute; this one
    answers only what mmengine writes.

    Args:
        owner: The object whose attribute the file asks for.
        name: The attribute.

    Returns:
        The statistics method.

    Raises:
        pickle.UnpicklingError: For any other owner or name.
    """
    if owner is HistoryBuffer and name in _STATISTICS:
        return getattr(HistoryBuffer, name)
    raise pickle.UnpicklingError(
        f'the checkpoint asks for attribute {name!r} of {owner!r}; only the statistics '
        f'{_STATISTICS} of HistoryBuffer are allowed. If you trust the file, load it '
        'with TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1 set'
    )


def _safe_globals() -> list[Any]:
    """Lists the types of an mmengine checkpoint besides tensors and containers."""
    # The functions that restore a pickled array and scalar. numpy 2 moved both, and
    # a file names their place in the numpy that wrote it.
    restore = {
        '_reconstruct': np.zeros(1).__reduce__()[0],
        'scalar': np.float64(0).__reduce__()[0],
    }
    moved = [
        (function, f'numpy.{core}.multiarray.{name}')
        for name, function in restore.items()
        for core in ('core', '_core')
    ]
    # uint8: mmpose's data sets describe their skeleton's colors with it.
    scalars = (np.float64, np.float32, np.int64, np.int32, np.uint8, np.bool_)
    dtypes = [type(np.dtype(scalar)) for scalar in scalars]
    return [
        HistoryBuffer,
        (history_statistic, 'builtins.getattr'),
        *moved,
        (np.ndarray, 'numpy.ndarray'),
        (np.dtype, 'numpy.dtype'),
        *dtypes,
        _codecs.encode,
    ]


def allow_mmengine_checkpoints() -> None:
    """Lets ``torch.load(weights_only=True)`` read checkpoints written by mmengine.

    The maintained fork of mmengine has a loader of its own, which is replaced: it takes
    types off the list that are not its own, and runs the code of a file that torch
    refuses. May be called any number of times.
    """
    torch.serialization.add_safe_globals(_safe_globals())
    if hasattr(checkpoint, '_safe_torch_load'):
        checkpoint._safe_torch_load = _load_safely


def _load_safely(
    file: Any, map_location: Any = None, weights_only: bool | None = None
) -> Any:
    """Loads as torch does by default: plain data and allowed types."""
    return torch.load(file, map_location=map_location, weights_only=weights_only)


def verify_checkpoint_loading() -> None:
    """Writes a small mmengine checkpoint to memory and reads it back safely.

    Raises:
        RuntimeError: If torch refuses to load it, or returns something else.
    """
    history = HistoryBuffer([0.5], [1])
    stored = io.BytesIO()
    state = dict(loss=history, value=np.float64(0.5), step=np.int64(1))
    torch.save(state, stored)
    stored.seek(0)
    try:
        loaded = torch.load(stored, weights_only=True)
    except pickle.UnpicklingError as error:
        lines = str(error).splitlines()
        reason = next((line for line in lines if 'global' in line.lower()), lines[0])
        raise RuntimeError(
            f"torch refuses mmengine's checkpoints: {reason.strip()}"
        ) from error
    if loaded['loss'].statistics('mean') != 0.5 or loaded['step'] != 1:
        raise RuntimeError(f'a checkpoint changed when it was loaded: {loaded!r}')
