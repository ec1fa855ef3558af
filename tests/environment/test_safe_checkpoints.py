from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.runner import checkpoint

from diffmm.environment import safe_checkpoints


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
        # mmpose's dataset_meta holds the colors of the keypoints.
        colors=np.array([[255, 128, 0]], np.uint8),
    )
    torch.save(values, path)
    loaded = torch.load(path, weights_only=True)
    assert loaded['history'].statistics('mean') == 2.0
    assert loaded['scalar'] == np.float32(0.5) and loaded['step'] == 7
    np.testing.assert_array_equal(loaded['array'], np.arange(3.0))
    np.testing.assert_array_equal(loaded['colors'], values['colors'])
    assert loaded['colors'].dtype == np.uint8


def test_without_the_allow_list_the_same_file_is_refused(tmp_path, no_safe_globals):
    path = tmp_path / 'state.pth'
    torch.save(dict(history=HistoryBuffer([1.0], [1])), path)
    with pytest.raises(pickle.UnpicklingError, match='HistoryBuffer'):
        torch.load(path, weights_only=True)
    safe_checkpoints.allow_mmengine_checkpoints()
    assert torch.load(path, weights_only=True)['history'].current() == 1.0


def test_allowing_twice_changes_nothing():
    safe_checkpoints.allow_mmengine_checkpoints()
    before = set(torch.serialization.get_safe_globals())
    safe_checkpoints.allow_mmengine_checkpoints()
    assert set(torch.serialization.get_safe_globals()) == before
    assert getattr not in before


@pytest.mark.parametrize(
    ('owner', 'name'),
    [(HistoryBuffer, '__init__'), (HistoryBuffer, 'register_statistics'), (np, 'load')],
)
def test_a_checkpoint_cannot_reach_other_attributes(owner, name):
    with pytest.raises(pickle.UnpicklingError, match=f'{name}.*only the statistics'):
        safe_checkpoints.history_statistic(owner, name)


def test_a_file_that_walks_attributes_is_refused(tmp_path):
    path = tmp_path / 'walk.pth'
    torch.save(Attribute(HistoryBuffer, '__init__'), path)
    with pytest.raises(pickle.UnpicklingError, match='__init__'):
        torch.load(path, weights_only=True)


def test_verify_checkpoint_loading_reports_a_refusal(no_safe_globals):
    with pytest.raises(RuntimeError, match='refuses .*history_buffer.HistoryBuffer'):
        safe_checkpoints.verify_checkpoint_loading()
    safe_checkpoints.allow_mmengine_checkpoints()
    safe_checkpoints.verify_checkpoint_loading()


def test_a_loader_of_mmengine_that_runs_code_is_replaced(tmp_path, monkeypatch):
    """The maintained fork has one, which also forgets types that others allowed."""

    def load_anything(file, map_location=None, weights_only=None):
        allowed = torch.serialization.safe_globals([HistoryBuffer])
        with allowed:
            return torch.load(file, map_location, weights_only=False)

    monkeypatch.setattr(checkpoint, '_safe_torch_load', load_anything, raising=False)
    safe_checkpoints.allow_mmengine_checkpoints()
    before = set(torch.serialization.get_safe_globals())
    file = tmp_path / 'checkpoint.pth'
    torch.save(dict(loss=HistoryBuffer([0.5], [1])), file)
    loaded = checkpoint._safe_torch_load(file, map_location='cpu')
    assert loaded['loss'].statistics('mean') == 0.5
    assert set(torch.serialization.get_safe_globals()) == before
    torch.save(dict(run=print), file)
    with pytest.raises(pickle.UnpicklingError, match='print'):
        checkpoint._safe_torch_load(file)
