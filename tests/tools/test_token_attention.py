from __future__ import annotations

import cv2
import numpy as np
import pytest

from diffmm.diffusion import load_architecture
from tests import tiny

NAME = 'analysis_tools/token_attention'


@pytest.fixture
def tool(load_tool, monkeypatch):
    module = load_tool(NAME)
    monkeypatch.setattr(
        module, 'load_architecture', lambda _: load_architecture(tiny.ARCHITECTURE)
    )
    return module


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    """Weights, a picture, and one to paste."""
    folder = tmp_path_factory.mktemp('files')
    tiny.write_folder(folder / 'tiny')
    rng = np.random.default_rng(0)
    (folder / 'other').mkdir()
    shapes = (('base', (70, 90, 3)), ('cat', (20, 20, 4)), ('other/cat', (20, 20, 3)))
    for name, shape in shapes:
        pixels = rng.integers(0, 256, shape, dtype=np.uint8)
        cv2.imwrite(str(folder / f'{name}.png'), pixels)
    return folder


def test_a_text_and_what_is_pasted(tool, files, tmp_path):
    argv = [str(files / 'base.png'), 'a dog and a traffic light', '--size', '64']
    argv += ['--pretrained', str(files / 'tiny'), '--out-dir', str(tmp_path / 'out')]
    argv += ['--words', 'dog', 'traffic light']
    argv += ['--paste', f'{files}/cat.png:10,20', f'{files}/cat.png:30,40']
    tool.main(argv)
    widths = dict(layers=2, resolutions=2, overlays=3)
    rows = dict(layers=16, resolutions=12, overlays=3)
    for name, columns in widths.items():
        grid = cv2.imread(str(tmp_path / 'out' / f'{name}.png'))
        assert grid.shape[1] == columns * 64 and grid.shape[0] > rows[name] * 64
    with np.load(tmp_path / 'out' / 'maps.npz') as maps:
        assert maps['tokens'][2] == 'dog' and maps['up64.2'].shape == (8, 8, 8)


def test_pasted_pictures_have_names_of_their_own(tool, files, monkeypatch):
    image = np.zeros((64, 64, 3), np.uint8)
    found = dict(tool.pasted(image, [f'{files}/cat.png:10,20', f'{files}/cat.png:0,0']))
    assert list(found) == ['with cat at 10, 20', 'with cat at 0, 0']
    with pytest.raises(ValueError, match="same picture twice: 'with cat at 0, 0'"):
        list(tool.pasted(image, [f'{files}/cat.png:0,0'] * 2))
    monkeypatch.chdir(files)
    arguments = ['cat.png:0,0', 'other/cat.png:0,0', 'other/../cat.png:9,0']
    found = dict(tool.pasted(image, arguments))
    name = f'with {files.name}/cat.png'
    name = f'{name} at 0, 0'
    assert list(found) == [name, 'with other/cat.png', name.replace('at 0', 'at 9')]
    assert not (found[name] == found['with other/cat.png']).all()


def test_names_are_as_long_as_needed(tool):
    paths = [tool.Path(path) for path in ('/a/b/cat.png', '/c/b/cat.png', '/c/b/d.png')]
    names = tool.short_names([*paths, tool.Path('/c/b/cat.jpg')])
    assert list(names.values()) == ['a/b/cat.png', 'c/b/cat.png', 'd', 'cat.jpg']


def test_end_tokens(tool, files, tmp_path, capsys):
    argv = [str(files / 'base.png'), '--size', '64', '--end-tokens']
    argv += ['--pretrained', str(files / 'tiny'), '--out-dir', str(tmp_path)]
    tool.main([*argv, '--words', 'dog', 'cat'])
    table = capsys.readouterr().out
    assert '80 sentences' in table and 'words of a text' in table
    assert cv2.imread(str(tmp_path / 'end_tokens.png')).shape[1] == 2 * 64


@pytest.mark.parametrize(
    ('argv', 'message'),
    [
        (['--end-tokens'], '--end-tokens needs --words'),
        ([], 'give a text'),
        (['a dog', '--words', 'cat'], "'cat' is not among the words"),
        (['a catxyz', '--words', 'cat'], "'cat' is not among the words .*'catxyz'"),
        (['a dog', '--paste', 'cat.png'], "takes FILE:LEFT,TOP, got 'cat.png'"),
        (['a dog', '--paste', 'no.png:1,2'], 'no.png is missing'),
        (['a dog', '--timestep', '1000'], 'timestep must be from 0 to 999, got 1000'),
        (['a dog', '--words', ''], "a word must not be empty, got ''"),
        (['a dog', '--words', 'dog', 'dog'], "--words repeats a name.*'dog'"),
        (['a dog', '--end-tokens', '--words', 'dog'], "got the text 'a dog'"),
    ],
)
def test_bad_input(tool, files, argv, message):
    base = ['--size', '64', str(files / 'base.png'), *argv]
    with pytest.raises(SystemExit, match=message):
        tool.main([*base, '--pretrained', str(files / 'tiny')])
