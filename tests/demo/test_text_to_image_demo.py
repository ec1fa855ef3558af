from __future__ import annotations

import importlib.util

import cv2
import pytest
import torch

from diffmm.diffusion.weights import write_word
from tests import tiny
from tests.tools.tiny_generators import write_pipeline


@pytest.fixture
def demo(repo_root):
    path = repo_root / 'demo' / 'text_to_image_demo.py'
    spec = importlib.util.spec_from_file_location('text_to_image_demo', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_grid_of_captions(demo, tmp_path, capsys):
    folder = write_pipeline(tmp_path / 'model')
    options = ['--pretrained', str(folder), '--steps', '2', '--columns', '2']
    grids = []
    for name in ('a.png', 'b.png'):
        out = tmp_path / 'new' / name
        demo.main(['a tree', 'a car', 'a house', *options, '--out-file', str(out)])
        assert f'written: {out}' in capsys.readouterr().out
        grids.append(cv2.imread(str(out)))
    assert grids[0].shape[1] == 2 * 64 and grids[0].shape[0] > 2 * 64
    assert (grids[0] == grids[1]).all()


def test_missing_weights_are_one_clear_error(demo, tmp_path, monkeypatch):
    with pytest.raises(SystemExit, match='gone is no diffusers folder'):
        demo.main(['a tree', '--pretrained', str(tmp_path / 'gone')])
    folder = 'diffmm.diffusion.weights.folder_source._SHIPPED_FOLDER'
    monkeypatch.setattr(folder, tmp_path)
    with pytest.raises(SystemExit, match="pretrained='mini' names weights"):
        demo.main(['a tree'])


def test_learned_words(demo, tmp_path):
    folder = write_pipeline(tmp_path / 'model')
    write_word('<dusk>', 5 * torch.randn(1, tiny.WIDTH), tmp_path / 'dusk.safetensors')
    grids = []
    for words in ([], ['--learned-words', str(tmp_path / 'dusk.safetensors')]):
        out = tmp_path / f'{len(words)}.png'
        argv = ['a <dusk> tree', '--pretrained', str(folder), '--steps', '1', *words]
        demo.main([*argv, '--out-file', str(out)])
        grids.append(cv2.imread(str(out)))
    assert (grids[0] != grids[1]).any()
    with pytest.raises(SystemExit, match='gone.bin does not exist'):
        demo.main(
            ['a tree', '--pretrained', str(folder), '--learned-words', 'gone.bin']
        )
