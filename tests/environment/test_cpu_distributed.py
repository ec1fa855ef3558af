from __future__ import annotations

import inspect

import pytest
import torch
from mmengine.dist import utils as dist_utils
from mmengine.model import MMDistributedDataParallel

from diffmm.environment import cpu_distributed


@pytest.fixture
def unpatched(monkeypatch):
    """mmengine as it is before ``import diffmm``, restored afterwards."""
    for owner, name in (
        (dist_utils, '_init_dist_pytorch'),
        (MMDistributedDataParallel, '__init__'),
    ):
        monkeypatch.setattr(owner, name, inspect.unwrap(getattr(owner, name)))
    return monkeypatch


def test_cpu_launch_initializes_gloo_without_a_device(unpatched):
    started = {}
    unpatched.setattr(cpu_distributed, '_accelerator_available', lambda: False)
    unpatched.setattr(
        cpu_distributed.torch_dist,
        'init_process_group',
        lambda **kwargs: started.update(kwargs),
    )
    cpu_distributed.enable_cpu_distributed()
    dist_utils._init_dist_pytorch('gloo')
    assert started == {'backend': 'gloo'}


def test_cpu_launch_refuses_nccl_and_names_the_way_out(unpatched):
    unpatched.setattr(cpu_distributed, '_accelerator_available', lambda: False)
    cpu_distributed.enable_cpu_distributed()
    with pytest.raises(RuntimeError, match='env_cfg.dist_cfg.backend=gloo'):
        dist_utils._init_dist_pytorch('nccl')


def test_patching_twice_wraps_once(unpatched):
    unpatched.setattr(cpu_distributed, '_accelerator_available', lambda: False)
    cpu_distributed.enable_cpu_distributed()
    wrapped = dist_utils._init_dist_pytorch
    cpu_distributed.enable_cpu_distributed()
    assert dist_utils._init_dist_pytorch is wrapped


def test_with_an_accelerator_mmengine_stays_untouched(unpatched):
    unpatched.setattr(cpu_distributed, '_accelerator_available', lambda: True)
    original = dist_utils._init_dist_pytorch
    cpu_distributed.enable_cpu_distributed()
    assert dist_utils._init_dist_pytorch is original


def test_ddp_on_the_cpu_drops_the_runners_device_ids(unpatched, tmp_path):
    unpatched.setattr(cpu_distributed, '_accelerator_available', lambda: False)
    cpu_distributed.enable_cpu_distributed()
    torch.distributed.init_process_group(
        'gloo', init_method=f'file://{tmp_path / "store"}', rank=0, world_size=1
    )
    try:
        model = MMDistributedDataParallel(
            torch.nn.Linear(2, 1), device_ids=[0], broadcast_buffers=False
        )
        assert model.device_ids is None and not model.broadcast_buffers
    finally:
        torch.distributed.destroy_process_group()


def test_process_group_is_left_once(tmp_path):
    """At exit, so that no thread of gloo outlives the interpreter."""
    store = torch.distributed.FileStore(str(tmp_path / 'store'), 1)
    torch.distributed.init_process_group('gloo', store=store, rank=0, world_size=1)
    cpu_distributed._leave_process_group()
    assert not torch.distributed.is_initialized()
    cpu_distributed._leave_process_group()
