import pickle
import re
import sys
import types
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from diffmm.diffusion import WeightsError, read_tensor, read_tensor_file
from diffmm.diffusion.weights import read_safely

TENSORS = {'a': torch.arange(6.0).view(2, 3), 'b': torch.ones(4)}


class Attack:
    """Touches a file when it is unpickled by a trusting reader."""

    def __init__(self, path):
        self._path = path

    def __reduce__(self):
        return Path.touch, (self._path,)


def write(path, tensors=None):
    tensors = TENSORS if tensors is None else tensors
    save_file(tensors, path) if path.suffix == '.safetensors' else torch.save(
        tensors, path
    )
    return path


def assert_equal(tensors, expected=TENSORS):
    assert set(tensors) == set(expected)
    assert all(torch.equal(tensors[name], expected[name]) for name in expected)


@pytest.mark.parametrize('suffix', ['.safetensors', '.ckpt', '.pth', '.pt', '.bin'])
def test_every_kind_of_file(tmp_path, suffix):
    assert_equal(read_tensor_file(write(tmp_path / f'x{suffix}')))
    assert_equal(read_tensor_file(str(tmp_path / f'x{suffix}')))


def test_state_dict_wrapper_is_taken_off(tmp_path):
    path = write(tmp_path / 'x.ckpt', dict(state_dict=TENSORS, global_step=7))
    assert_equal(read_tensor_file(path))


def test_what_is_no_tensor_is_left_aside(tmp_path):
    assert_equal(read_tensor_file(write(tmp_path / 'x.pth', TENSORS | {'step': 3})))


def test_the_format_before_torch_1_6(tmp_path):
    path = tmp_path / 'x.ckpt'
    torch.save(TENSORS, path, _use_new_zipfile_serialization=False)
    assert_equal(read_tensor_file(path))


def test_a_lightning_callback_as_a_key_is_harmless(tmp_path, monkeypatch):
    """Stable Diffusion's own .ckpt files hold that class, not installed here."""
    name = 'pytorch_lightning.callbacks.model_checkpoint'
    callback = type('ModelCheckpoint', (), dict(__module__=name))
    with monkeypatch.context() as patch:
        for depth in range(1, 4):
            parent = '.'.join(name.split('.')[:depth])
            patch.setitem(sys.modules, parent, types.ModuleType(parent))
        sys.modules[name].ModelCheckpoint = callback
        content = dict(state_dict=TENSORS, callbacks={callback: dict(best_score=1.0)})
        torch.save(content, tmp_path / 'x.ckpt')
    assert 'pytorch_lightning' not in sys.modules
    assert_equal(read_tensor_file(tmp_path / 'x.ckpt'))


@pytest.mark.parametrize('suffix', ['.ckpt', '.pth', '.bin'])
@pytest.mark.parametrize('zipped', [True, False])
@pytest.mark.parametrize('read', [read_tensor_file, read_tensor])
def test_a_pickle_that_runs_code_is_refused(tmp_path, suffix, zipped, read):
    touched = tmp_path / 'touched'
    path = tmp_path / f'x{suffix}'
    content = TENSORS | {'attack': Attack(touched)}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(WeightsError, match='refused and nothing in it was run'):
        read(path)
    assert not touched.exists()
    # The attack is a real one.
    pickle.loads(pickle.dumps(Attack(touched)))
    assert touched.exists()


def test_a_plain_pickle_that_runs_code_is_refused(tmp_path):
    touched, path = tmp_path / 'touched', tmp_path / 'x.ckpt'
    path.write_bytes(pickle.dumps(Attack(touched), protocol=2))
    with pytest.raises(WeightsError, match=r'x\.ckpt'):
        read_tensor_file(path)
    assert not touched.exists()


@pytest.mark.parametrize('read', [read_tensor_file, read_tensor])
def test_missing_file(tmp_path, read):
    with pytest.raises(WeightsError, match=r'none\.ckpt does not exist'):
        read(tmp_path / 'none.ckpt')


def test_unknown_suffix(tmp_path):
    path = tmp_path / 'x.onnx'
    path.write_bytes(b'something')
    with pytest.raises(WeightsError, match=r"'\.onnx'; readable are .*'\.safetensors'"):
        read_tensor_file(path)


@pytest.mark.parametrize('read', [read_tensor_file, read_tensor])
@pytest.mark.parametrize('suffix', ['.safetensors', '.ckpt'])
def test_empty_file(tmp_path, suffix, read):
    path = tmp_path / f'x{suffix}'
    path.touch()
    with pytest.raises(WeightsError, match='is empty'):
        read(path)


@pytest.mark.parametrize('suffix', ['.safetensors', '.ckpt', '.bin'])
def test_a_clone_without_git_lfs(tmp_path, suffix):
    path = tmp_path / f'x{suffix}'
    path.write_text('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n')
    with pytest.raises(WeightsError, match=rf'x{re.escape(suffix)} .*git lfs pull'):
        read_tensor_file(path)


@pytest.mark.parametrize('share', [0.02, 0.5, 0.9, 0.99])
@pytest.mark.parametrize('suffix', ['.safetensors', '.ckpt'])
def test_truncated_file(tmp_path, suffix, share):
    path = write(tmp_path / f'x{suffix}', {'a': torch.randn(40, 40)})
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(WeightsError, match='truncated or damaged') as error:
        read_tensor_file(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    'content',
    [
        b'<!DOCTYPE html><html>404</html>',
        b'version https://git-lfs.github.com/spec/v1\noid sha256:1',
        b'hello',
        b'q',
        b'\x85\x00',
        b'\x81\x00\x00',
        b'\xff\xd8\xff\xe0 JFIF',
        b'\x00' * 64,
    ],
)
@pytest.mark.parametrize('suffix', ['.safetensors', '.ckpt'])
def test_foreign_bytes(tmp_path, suffix, content):
    path = tmp_path / f'x{suffix}'
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=rf'x\{suffix}'):
        read_tensor_file(path)


def test_damaged_pickle_of_the_old_format(tmp_path):
    path = tmp_path / 'x.ckpt'
    torch.save(TENSORS, path, _use_new_zipfile_serialization=False)
    content = path.read_bytes()
    path.write_bytes(content.replace(b'X\x01\x00\x00\x00a', b'X\x01\x00\x00\x00\xff'))
    with pytest.raises(WeightsError, match='damaged'):
        read_tensor_file(path)


@pytest.mark.parametrize(
    'content',
    [
        [torch.ones(2)],
        dict(step=3),
        dict(state_dict=torch.ones(2)),
        dict(state_dict={}),
        {0: torch.ones(2)},
    ],
    ids=['list', 'numbers', 'wrapped tensor', 'empty wrapper', 'numbered tensors'],
)
def test_a_file_without_named_tensors(tmp_path, content):
    with pytest.raises(WeightsError, match='holds no named tensors'):
        read_tensor_file(write(tmp_path / 'x.pth', content))


@pytest.mark.parametrize(
    'name, content',
    [
        ('x.pth', torch.ones(2, 3)),
        ('x.pth', {'embeddings': torch.ones(2, 3)}),
        ('x.safetensors', {'embeddings': torch.ones(2, 3)}),
        ('x.pth', torch.nn.Parameter(torch.ones(2, 3))),
    ],
    ids=['bare', 'named', 'safetensors', 'parameter'],
)
def test_one_tensor(tmp_path, name, content):
    tensor = read_tensor(write(tmp_path / name, content))
    assert torch.equal(tensor, torch.ones(2, 3))
    assert not tensor.requires_grad


@pytest.mark.parametrize('name', ['x.pth', 'x.safetensors'])
def test_one_tensor_out_of_several(tmp_path, name):
    with pytest.raises(WeightsError, match=r"2 tensors, expected one.*'a', 'b'"):
        read_tensor(write(tmp_path / name))


def test_the_error_is_a_value_error():
    """Whoever catches bad values catches bad weights too."""
    with pytest.raises(ValueError, match='gone'):
        raise WeightsError('gone')


def test_reading_safely_keeps_containers_and_values(tmp_path):
    content = dict(state_dict=TENSORS, meta=dict(iter=5, classes=('a', 'b')))
    read = read_safely(write(tmp_path / 'x.pth', content))
    assert read['meta'] == content['meta']
    assert_equal(read['state_dict'])
    # A name says nothing about a pickle.
    assert read_safely(write(tmp_path / 'x.anything', [3])) == [3]
