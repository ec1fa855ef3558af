from __future__ import annotations

import json

import pytest
from PIL import Image

from tests.datasets.captioning.tiny_captioners import WORDS, WRITERS

NAME = 'dataset_converters/generate_captions'


@pytest.fixture
def tool(load_tool):
    return load_tool(NAME)


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / 'pictures'
    for name in ('cafe/1.png', 'cafe/2.png', 'bar/1.png'):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new('RGB', (40, 30)).save(folder / name)
    return folder


@pytest.mark.parametrize('kind', WRITERS)
def test_a_folder_with_each_kind_of_model(kind, tool, pictures, tmp_path, capsys):
    model = WRITERS[kind](tmp_path / 'model')
    out = tmp_path / 'new' / 'captions.json'
    argv = [str(pictures), str(out), '--model', str(model), '--parts', '2']
    argv += ['--prefix', '/', '--no-extension', '--min-new-tokens', '2']
    tool.main([*argv, '--max-new-tokens', '4'])
    entries = json.loads(out.read_text())
    (captioner,) = entries.pop('')['captioners']
    assert captioner['model'] == str(model) and captioner['min_new_tokens'] == 2
    assert list(entries) == ['/bar/1', '/cafe/1', '/cafe/2']
    for entry in entries.values():
        (caption,) = entry['captions']
        assert caption and caption.split()[0].strip(',') in (*WORDS, '', '[DEC]')
    assert '3 captions written, 0 were there already' in capsys.readouterr().out
    tool.main(argv)
    assert '0 captions written, 3 were there already' in capsys.readouterr().out
    tool.main([*argv, '--clean'])
    assert 'those that were there stay as they are' in capsys.readouterr().out
    with pytest.raises(SystemExit, match="^error: .*has captions of '.*, so 'mini-cap"):
        tool.main([*argv, '--model', 'mini-captioner'])


def test_a_caption_file(tool, tmp_path, capsys):
    source, out, words = (tmp_path / name for name in ('a.json', 'b.json', 'w.txt'))
    source.write_text('{"1": {"captions": ["a mosaic of a dog"]}}')
    words.write_text('mosaic\nfresco\n')
    with pytest.raises(SystemExit, match='can only be cleaned: add --clean'):
        tool.main([str(source), str(out)])
    tool.main([str(source), str(out), '--style-words', str(words)])
    assert json.loads(out.read_text()) == {'1': {'captions': ['a dog']}}
    assert '1 captions cleaned' in capsys.readouterr().out


def test_an_endpoint_that_is_down(tool, tmp_path):
    source = tmp_path / 'a.json'
    source.write_text('{"1": {"captions": ["a dog"]}}')
    argv = [str(source), str(tmp_path / 'b.json'), '--endpoint', 'http://127.0.0.1:9']
    with pytest.raises(SystemExit, match='refused.*give the same command again'):
        tool.main(argv)


def test_bad_input(tool, pictures, tmp_path, capsys):
    out = str(tmp_path / 'captions.json')
    (tmp_path / 'half.py').write_text('model = (')
    for argv, message in (
        ([str(tmp_path / 'gone'), out], 'gone does not exist'),
        ([str(pictures), out], "would both be '1.png'"),
        ([str(pictures), out, '--clean', '--endpoint', 'http://x'], 'different ways'),
        ([str(tmp_path / 'no.py'), out], 'no.py'),
        ([str(tmp_path / 'half.py'), out], 'never closed'),
        ([str(pictures / 'bar'), str(tmp_path)], 'is a folder; name a caption file'),
        (
            [str(pictures), out, '--parts', '2', '--model', 'no/model'],
            "'no/model' cannot be loaded",
        ),
    ):
        with pytest.raises(SystemExit, match=message):
            tool.main(argv)
    (pictures / 'bar' / '1.png').write_text('no picture')
    model = WRITERS['mini'](tmp_path / 'model')
    argv = [str(pictures), out, '--parts', '2', '--model', str(model)]
    with pytest.raises(SystemExit, match="cannot run on the device 'gpu'"):
        tool.main([*argv, '--device', 'gpu'])
    with pytest.raises(SystemExit) as stop:
        tool.main(argv)
    assert stop.value.code == 1
    text = capsys.readouterr().out
    assert 'bar/1.png cannot be read' in text and '1 files have no caption' in text
