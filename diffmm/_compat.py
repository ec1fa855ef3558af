"""Three shims that let the released hosts run on current PyTorch.

1. :func:`allow_mmengine_checkpoints`: torch >= 2.6 loads with ``weights_only=True``,
   and mmengine 0.10.7 does not declare the types its own checkpoints hold
   (https://github.com/open-mmlab/mmengine/issues/1655).
2. :func:`enable_cpu_distributed`: mmengine's PyTorch launcher selects a CUDA device and
   hands one to DDP even for gloo, and both fail without a GPU.
3. :func:`warn_untested_versions`: a version outside the tested range is said, not
   refused.

``import diffmm`` applies all of them. Configs get there through ``custom_imports``,
which mmengine executes while it reads the config: before the Runner, the launcher
set-up and any checkpoint.
"""

from __future__ import annotations

import _codecs
import atexit
import functools
import gc
import io
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from mmengine.dist import utils as dist_utils
from mmengine.logging import HistoryBuffer
from mmengine.model import MMDistributedDataParallel
from torch import distributed as torch_dist

from diffmm import operators
from diffmm.environment import TESTED, Status, check_version

# Before 2.6 torch.load has no names for safe globals, and does not need them.
SAFE_LOADING = hasattr(torch.serialization, 'get_unsafe_globals_in_checkpoint')
_STATISTICS = ('min', 'max', 'mean', 'current')


def history_statistic(owner: Any, name: str) -> Any:
    """Stand in for ``builtins.getattr`` in a checkpoint.

    A ``HistoryBuffer`` pickles its statistics as ``getattr(HistoryBuffer, 'mean')``.
    The real ``getattr`` would let a file walk from there to any attribute; this one
    answers only what mmengine writes.

    Args:
        owner: What the file asks an attribute of.
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
    """List what an mmengine checkpoint holds besides tensors and containers."""
    # What numpy pickles an array and a scalar with. numpy 2 moved both, and a file
    # names the place in the numpy that wrote it.
    restore = {
        '_reconstruct': np.zeros(1).__reduce__()[0],
        'scalar': np.float64(0).__reduce__()[0],
    }
    moved = [
        (function, f'numpy.{core}.multiarray.{name}')
        for name, function in restore.items()
        for core in ('core', '_core')
    ]
    # uint8: mmpose's data sets describe their skeleton's colours with it.
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
    """Let ``torch.load(weights_only=True)`` read checkpoints written by mmengine.

    Does nothing on a torch that loads them anyway. May be called any number of times.
    """
    if SAFE_LOADING:
        torch.serialization.add_safe_globals(_safe_globals())


def verify_checkpoint_loading() -> None:
    """Write what an mmengine checkpoint holds to memory and read it back safely.

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


def enable_cpu_distributed() -> None:
    """Let ``launcher='pytorch'`` work on a machine without an accelerator.

    Wraps mmengine's ``_init_dist_pytorch`` and the constructor of its DDP model. Where
    there is an accelerator both stay as they are. May be called any number of times.
    """
    init_dist = dist_utils._init_dist_pytorch
    if _accelerator_available() or hasattr(init_dist, '__wrapped__'):
        return
    dist_utils._init_dist_pytorch = _without_device(init_dist)
    construct = MMDistributedDataParallel.__init__

    @functools.wraps(construct)
    def construct_on_cpu(self: Any, module: Any, *args: Any, **kwargs: Any) -> None:
        # The Runner passes [LOCAL_RANK], which DDP refuses for a module on the CPU.
        construct(self, module, *args, **{**kwargs, 'device_ids': None})

    MMDistributedDataParallel.__init__ = construct_on_cpu


def _without_device(init_dist: Callable[..., None]) -> Callable[..., None]:
    """Wrap mmengine's launcher set-up to leave out ``torch.cuda.set_device``."""

    @functools.wraps(init_dist)
    def init_dist_on_cpu(
        backend: str = 'nccl', init_backend: str = 'torch', **kwargs: Any
    ) -> None:
        if init_backend != 'torch':
            init_dist(backend, init_backend=init_backend, **kwargs)
        elif backend == 'nccl':
            raise RuntimeError(
                "env_cfg.dist_cfg.backend='nccl' needs a GPU and none is usable; on a "
                'CPU add --cfg-options env_cfg.dist_cfg.backend=gloo'
            )
        else:
            torch_dist.init_process_group(backend=backend, **kwargs)
            # mmengine never leaves the group. A thread of gloo that outlives the
            # interpreter now and then aborts a process whose work is done.
            atexit.register(_leave_process_group)

    return init_dist_on_cpu


def _leave_process_group() -> None:
    """Join gloo's threads, unless the group was left before."""
    if torch_dist.is_initialized():
        # The runner is a cycle of references; its DDP model holds the group too.
        gc.collect()
        torch_dist.destroy_process_group()


def _accelerator_available() -> bool:
    """Tell whether mmengine would find a device to select."""
    others = (
        dist_utils.is_mlu_available,
        dist_utils.is_npu_available,
        dist_utils.is_musa_available,
    )
    return torch.cuda.is_available() or any(available() for available in others)


def warn_untested_versions() -> None:
    """Warn, in one message, about packages outside the tested range."""
    findings = [(package, check_version(package)) for package in TESTED]
    untested = [
        f'{package.label} {finding.detail} (tested: {package.tested})'
        for package, finding in findings
        if finding.status is Status.WARN
    ]
    if untested:
        warnings.warn(
            f'DiffMM was not tested with {", ".join(untested)}. If something fails, '
            'run: python -m diffmm.doctor',
            stacklevel=2,
        )


def apply() -> None:
    """Apply every shim."""
    operators.install()
    allow_mmengine_checkpoints()
    enable_cpu_distributed()
    warn_untested_versions()
