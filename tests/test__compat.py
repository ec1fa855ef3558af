from __future__ import annotations

import inspect
import pickle
import warnings

import numpy as np
import pytest
import torch
from mmengine.dist import utils as dist_utils
from mmengine.logging import HistoryBuffer
from mmengine.model import MMDistributedDataParallel

from diffmm import _compat
from diffmm.environment import Finding, Status


class Attribute:
    """Pickles as ``getattr(owner, name)``."""

    def __init__(self, owner, name):
        self.call = (getattr, (owner, name))

    def __reduce__(self):
        return self.call


def test_mmengine_checkpoint_contents_survive_safe_loading(tmp_path):
    path = tmp_path / 'state.pth'
    history = HistoryBuffer([1.0, 3.0], [1, 1])
    values = dict(
        history=history,
        scalar=np.float32(0.5),
        step=np.int64(7),
        array=np.arange(3.0),
        # mmpose's dataset_meta holds the colours of the keypoints.
        colours=np.array([[255, 128, 0]], np.uint8),
    )
    torch.save(values, path)
    loaded = torch.load(path, weights_only=True)
    assert loaded['history'].statistics('mean') == 2.0
    assert loaded['scalar'] == np.float32(0.5) and loaded['step'] == 7
    np.testing.assert_array_equal(loaded['array'], np.arange(3.0))
    np.testing.assert_array_equal(loaded['colours'], values['colours'])
    assert loaded['colours'].dtype == np.uint8


def test_without_the_allow_list_the_same_file_is_refused(tmp_path, no_safe_globals):
    path = tmp_path / 'state.pth'
    torch.save(dict(history=HistoryBuffer([1.0], [1])), path)
    with pytest.raises(pickle.UnpicklingError, match='HistoryBuffer'):
        torch.load(path, weights_only=True)
    _compat.allow_mmengine_checkpoints()
    assert torch.load(path, weights_only=True)['history'].current() == 1.0


def test_allowing_twice_changes_nothing():
    _compat.allow_mmengine_checkpoints()
    before = set(torch.serialization.get_safe_globals())
    _compat.allow_mmengine_checkpoints()
    assert set(torch.serialization.get_safe_globals()) == before
    assert getattr not in before


@pytest.mark.parametrize(
    ('owner', 'name'),
    [(HistoryBuffer, '__init__'), (HistoryBuffer, 'register_statistics'), (np, 'load')],
)
def test_a_checkpoint_cannot_reach_other_attributes(owner, name):
    with pytest.raises(pickle.UnpicklingError, match=f'{name}.*only the statistics'):
        _compat.history_statistic(owner, name)


def test_a_file_that_walks_attributes_is_refused(tmp_path):
    path = tmp_path / 'walk.pth'
    torch.save(Attribute(HistoryBuffer, '__init__'), path)
    with pytest.raises(pickle.UnpicklingError, match='__init__'):
        torch.load(path, weights_only=True)


def test_torch_without_the_api_is_left_alone(monkeypatch):
    monkeypatch.setattr(_compat, 'SAFE_LOADING', False)
    monkeypatch.delattr(torch.serialization, 'add_safe_globals')
    _compat.allow_mmengine_checkpoints()


def test_verify_checkpoint_loading_reports_a_refusal(no_safe_globals):
    with pytest.raises(RuntimeError, match='refuses .*history_buffer.HistoryBuffer'):
        _compat.verify_checkpoint_loading()
    _compat.allow_mmengine_checkpoints()
    _compat.verify_checkpoint_loading()


@pytest.fixture
def unpatched(monkeypatch):
    """mmengine as it is before ``import diffmm``, restored afterwards."""
    for owner, name in (
        (dist_utils, '_init_dist_pytorch'),
        (MMDistributedDataParallel, '__init__'),
    ):
        monkeypatch.setattr(owner, name, inspect.unwrap(getattr(owner, name)))
    return monkeypatch


def test_cpu_launch_initialises_gloo_without_a_device(unpatched):
    started = {}
    unpatched.setattr(_compat, '_accelerator_available', lambda: False)
    unpatched.setattr(
        _compat.torch_dist,
        'init_process_group',
        lambda **kwargs: started.update(kwargs),
    )
    _compat.enable_cpu_distributed()
    dist_utils._init_dist_pytorch('gloo')
    assert started == {'backend': 'gloo'}


def test_cpu_launch_refuses_nccl_and_names_the_way_out(unpatched):
    unpatched.setattr(_compat, '_accelerator_available', lambda: False)
    _compat.enable_cpu_distributed()
    with pytest.raises(RuntimeError, match='env_cfg.dist_cfg.backend=gloo'):
        dist_utils._init_dist_pytorch('nccl')


def test_patching_twice_wraps_once(unpatched):
    unpatched.setattr(_compat, '_accelerator_available', lambda: False)
    _compat.enable_cpu_distributed()
    wrapped = dist_utils._init_dist_pytorch
    _compat.enable_cpu_distributed()
    assert dist_utils._init_dist_pytorch is wrapped


def test_with_an_accelerator_mmengine_stays_untouched(unpatched):
    unpatched.setattr(_compat, '_accelerator_available', lambda: True)
    original = dist_utils._init_dist_pytorch
    _compat.enable_cpu_distributed()
    assert dist_utils._init_dist_pytorch is original


def test_ddp_on_the_cpu_drops_the_runners_device_ids(unpatched, tmp_path):
    unpatched.setattr(_compat, '_accelerator_available', lambda: False)
    _compat.enable_cpu_distributed()
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


def test_untested_versions_give_one_warning(monkeypatch):
    def finding(package):
        status = Status.WARN if package.label in ('torch', 'peft') else Status.OK
        return Finding(package.label, status, '9.9')

    monkeypatch.setattr(_compat, 'check_version', finding)
    with pytest.warns(UserWarning, match=r'torch 9\.9 .*peft 9\.9') as caught:
        _compat.warn_untested_versions()
    assert len(caught) == 1 and 'diffmm.doctor' in str(caught[0].message)


def test_tested_versions_give_no_warning(monkeypatch):
    monkeypatch.setattr(
        _compat, 'check_version', lambda package: Finding('any', Status.OK, '1')
    )
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        _compat.warn_untested_versions()


def test_process_group_is_left_once(tmp_path):
    """At exit, so that no thread of gloo outlives the interpreter."""
    store = torch.distributed.FileStore(str(tmp_path / 'store'), 1)
    torch.distributed.init_process_group('gloo', store=store, rank=0, world_size=1)
    _compat._leave_process_group()
    assert not torch.distributed.is_initialized()
    _compat._leave_process_group()
