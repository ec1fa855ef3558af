"""Tests of reading checkpoints."""

import pickle

import pytest
import torch
from mmengine.logging import HistoryBuffer

from diffmm.apis import read_checkpoint

STATE = {'weight': torch.arange(6.0)}


class Intruder:
    """Unpickling it would create a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), 'w')


def test_reads_what_a_runner_saves(tmp_path):
    hub = dict(log_scalars={'loss': HistoryBuffer([1.0, 2.0], [1, 1])})
    meta = dict(iter=5, dataset_meta=dict(classes=('a', 'b')))
    path = tmp_path / 'iter_5.pth'
    torch.save(dict(state_dict=STATE, meta=meta, message_hub=hub), path)

    checkpoint = read_checkpoint(path)

    assert checkpoint['meta'] == meta
    torch.testing.assert_close(checkpoint['state_dict'], STATE)


@pytest.mark.parametrize('zipped', [True, False])
def test_bare_state_dict_in_either_format(tmp_path, zipped):
    path = tmp_path / 'bare.pth'
    torch.save(STATE, path, _use_new_zipfile_serialization=zipped)

    checkpoint = read_checkpoint(path)

    assert checkpoint['meta'] == {}
    torch.testing.assert_close(checkpoint['state_dict'], STATE)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match='nothing.pth'):
        read_checkpoint(tmp_path / 'nothing.pth')


def test_code_is_not_run(tmp_path):
    path, trace = tmp_path / 'evil.pth', tmp_path / 'trace'
    torch.save(dict(state_dict=STATE, extra=Intruder(trace)), path)

    with pytest.raises(ValueError, match='evil.pth cannot be read'):
        read_checkpoint(path)
    assert not trace.exists()


@pytest.mark.parametrize('part', [0, 10, 200])
def test_truncated_file(tmp_path, part):
    path = tmp_path / 'cut.pth'
    torch.save(dict(state_dict=STATE), path)
    path.write_bytes(path.read_bytes()[:part])

    with pytest.raises(ValueError, match='cut.pth cannot be read'):
        read_checkpoint(path)


@pytest.mark.parametrize('content', [[1, 2], {}, {'state_dict': 3}, {'a': 'text'}])
def test_something_else(tmp_path, content):
    path = tmp_path / 'other.pth'
    path.write_bytes(pickle.dumps(content))
    torch.save(content, path)

    with pytest.raises(ValueError, match='no state_dict'):
        read_checkpoint(path)
