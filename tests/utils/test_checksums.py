from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from diffmm.datasets.captioning import CaptionerError, captioner, shipped_captioner
from diffmm.diffusion import WeightsError, tokenizer
from diffmm.diffusion.weights import folder_source, open_prior, shipped_folder
from diffmm.utils.checksums import SUMS_FILE, ChecksumError, check_sums


@pytest.fixture
def shipped(tmp_path) -> Path:
    """A copy of what comes with the package, with its checksums."""
    for folder in (shipped_folder('mini'), shipped_captioner()):
        shutil.copytree(folder.parent, tmp_path / folder.name)
    return tmp_path


def flip(path: Path, position: float) -> None:
    """Flips a bit."""
    content = bytearray(path.read_bytes())
    content[int(position * len(content))] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize('folder', [shipped_folder('mini'), shipped_captioner()])
def test_every_shipped_file_has_its_checksum(folder):
    check_sums(folder)
    rows = (folder.parent / SUMS_FILE).read_text().splitlines()
    listed = {row.partition('  ')[2] for row in rows}
    files = {path for path in folder.rglob('*') if path.is_file()}
    assert {path.relative_to(folder.parent).as_posix() for path in files} == listed


@pytest.mark.parametrize(
    'name', ['unet/diffusion_pytorch_model.safetensors', 'tokenizer/vocab.json']
)
def test_a_flipped_bit_of_the_prior_is_one_line(shipped, monkeypatch, name):
    monkeypatch.setattr(folder_source, '_SHIPPED_FOLDER', shipped / 'mini')
    open_prior('mini')
    flip(shipped / 'mini' / 'mini' / name, 0.7)
    with pytest.raises(WeightsError, match=f'{name} is damaged: its SHA-256') as error:
        open_prior('mini')
    assert '\n' not in str(error.value)
    # Its folder by another name is the user's own.
    open_prior(shutil.copytree(shipped / 'mini' / 'mini', shipped / 'own'))


def test_flipped_bits_of_captioner_and_tokenizer(shipped, monkeypatch):
    folder = shipped / 'mini-captioner'
    monkeypatch.setattr(captioner, '_SHIPPED_FOLDER', folder)
    flip(folder / 'mini-captioner' / 'model.safetensors', 0.9)
    with pytest.raises(CaptionerError, match='model.safetensors is damaged'):
        shipped_captioner()
    words = shipped / 'mini' / 'mini' / 'tokenizer'
    monkeypatch.setattr(tokenizer, '_FOLDER', words)
    flip(words / 'merges.txt', 0.5)
    with pytest.raises(ChecksumError, match='merges.txt is damaged'):
        tokenizer.load_tokenizer.__wrapped__()


def test_a_file_that_was_mended_passes(tmp_path):
    (tmp_path / 'model').mkdir()
    path = tmp_path / 'model' / 'a.txt'
    path.write_text('abc')
    digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    (tmp_path / SUMS_FILE).write_text(f'{digest}  model/a.txt\n')
    check_sums(tmp_path / 'model')
    path.write_text('abcd')
    with pytest.raises(ChecksumError):
        check_sums(tmp_path / 'model')
    path.write_text('abc')
    check_sums(tmp_path / 'model')
