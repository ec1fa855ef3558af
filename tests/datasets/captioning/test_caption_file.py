from __future__ import annotations

import json

import pytest

from diffmm.datasets.captioning import (
    CaptionKey,
    read_caption_file,
    read_captions,
    write_captions_file,
)


@pytest.mark.parametrize(
    ('options', 'path', 'name'),
    [
        ({}, 'images/training/ADE_train_00000001.jpg', 'ADE_train_00000001.jpg'),
        (dict(parts=2), 'leftImg8bit/val/town/a_1.png', 'town/a_1.png'),
        (dict(parts=2, prefix='/'), 'sync/cafe/rgb_0.jpg', '/cafe/rgb_0.jpg'),
        (dict(extension=False), 'VOC2012/JPEGImages/2007_000027.jpg', '2007_000027'),
    ],
)
def test_names_of_tadps_files(options, path, name):
    assert CaptionKey(**options)(path) == name


def test_round_trip(tmp_path):
    path = tmp_path / 'captions.json'
    entries = {'b': dict(captions=['ä', 'o'], class_label=3), 'a': dict(captions=[])}
    write_captions_file(path, entries)
    assert read_captions(path) == entries
    assert list(json.loads(path.read_text(encoding='utf-8'))) == ['a', 'b']
    path.write_bytes(b'\xef\xbb\xbf' + path.read_bytes())
    assert read_captions(path) == entries, 'a byte order mark is no damage'


@pytest.mark.parametrize(
    ('names', 'found'),
    [
        (['/town/a.png'], CaptionKey(2, '/')),
        (['val/town/a'], CaptionKey(3, '', False)),
        (['A.PNG', 'b'], None),
    ],
)
def test_the_rule_of_a_file_is_found(names, found):
    assert CaptionKey.find('data/val/town/a.png', names) == found


def test_a_file_tells_its_captioners(tmp_path):
    path = tmp_path / 'captions.json'
    entries = {'a': dict(captions=['a cat'])}
    captioners = [dict(model='blip', min_new_tokens=40)]
    write_captions_file(path, entries, captioners)
    # What tells them is no picture.
    assert read_captions(path) == entries
    assert read_caption_file(path) == (entries, captioners)
    # Programs that expect captions in every entry find a list.
    assert all(
        type(e['captions']) is list for e in json.loads(path.read_text()).values()
    )
    write_captions_file(path, entries)
    assert json.loads(path.read_text()) == entries
    assert read_caption_file(path) == (entries, [])


@pytest.mark.parametrize('captioners', ['"blip"', '[3]', '[{"min_new_tokens": 3}]'])
def test_captioners_that_are_none(captioners, tmp_path):
    path = tmp_path / 'captions.json'
    path.write_text(f'{{"": {{"captions": [], "captioners": {captioners}}}}}')
    assert read_captions(path) == {}
    with pytest.raises(
        ValueError, match="captions.json does not tell .* of the entry ''"
    ):
        read_caption_file(path)


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('{"a": ', 'is no valid JSON'),
        ('[1]', 'is no caption file; its form must be'),
        ('{"a": "text"}', "'a' holds 'text'"),
        ('{"a": {"captions": "text"}}', "'a' holds .*'text'"),
        ('{"a": {"captions": [1]}}', "'a' holds"),
        ('{"images": [], "annotations": []}', "'images' holds '\\[\\]'"),
    ],
)
def test_other_files_are_refused(content, message, tmp_path):
    path = tmp_path / 'captions.json'
    path.write_text(content)
    with pytest.raises(ValueError, match=message):
        read_captions(path)


def test_bad_arguments(tmp_path):
    with pytest.raises(ValueError, match='parts must be positive, got 0'):
        CaptionKey(parts=0)
    with pytest.raises(FileNotFoundError, match='none.json do not exist'):
        read_captions(tmp_path / 'none.json')
