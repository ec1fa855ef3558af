"""Distributed training on a machine without an accelerator.

mmengine's PyTorch launcher selects a CUDA device and gives one to DDP even for gloo.
Both fail without a GPU.
"""

from __future__ import annotations

import atexit
import functools
import gc
from collections.abc import Callable
from typing import Any

import torch
from mmengine.dist import utils as dist_utils
from mmengine.model import MMDistributedDataParallel
from torch import distributed as torch_dist


def enable_cpu_distributed() -> None:
    """Lets ``launcher='pytorch'`` work on a machine without an accelerator.

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
    """Wraps mmengine's launcher set-up to leave out ``torch.cuda.set_device``."""

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
            # mmengine never leaves the group. A gloo thread that outlives the
            # interpreter sometimes aborts a process that has finished its work.
            atexit.register(_leave_process_group)

    return init_dist_on_cpu


def _leave_process_group() -> None:
    """Joins gloo's threads, unless the group was left before."""
    if torch_dist.is_initialized():
        # The runner is a cycle of references; its DDP model holds the group too.
        gc.collect()
        torch_dist.destroy_process_group()


def _accelerator_available() -> bool:
    """Returns True if mmengine would find a device to select."""
    others = (
        dist_utils.is_mlu_available,
        dist_utils.is_npu_available,
        dist_utils.is_musa_available,
    )
    return torch.cuda.is_available() or any(available() for available in others)
