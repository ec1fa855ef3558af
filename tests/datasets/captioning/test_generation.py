from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffmm.datasets.captioning import (
    CaptionerSettings,
    CaptionKey,
    EndpointError,
    StyleWordCleaner,
    clean_captions,
    generate_captions,
    generation,
    read_caption_file,
    read_captions,
    workers,
    write_captions_file,
)

SETTINGS = CaptionerSettings('fake', 0, 77)


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / 'pictures'
    folder.mkdir()
    paths = [folder / f'{number}.png' for number in range(7)]
    for number, path in enumerate(paths):
        Image.new('RGB', (40, 30), (number, 0, 0)).save(path)
    return paths


class FakeCaptioner:
    """Reads the number of a picture from its color; counts what it did."""

    described: list = []
    fails_after = None

    def __init__(self, *arguments):
        self.arguments = arguments

    def __call__(self, pictures):
        numbers = [np.asarray(picture)[0, 0, 0] for picture in pictures]
        if len(self.described) == self.fails_after:
            raise KeyboardInterrupt
        self.described.append(numbers)
        return [f'a painting of a {number}' for number in numbers]


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.setattr(workers, 'Captioner', FakeCaptioner)
    monkeypatch.setattr(FakeCaptioner, 'described', [])
    return FakeCaptioner


def test_every_picture_gets_its_caption(fake, pictures, tmp_path):
    out = tmp_path / 'captions.json'
    result = generate_captions(
        pictures, out, SETTINGS, CaptionKey(extension=False), batch_size=3
    )
    assert result == generation.Generation(7, 0, ())
    assert read_captions(out) == {
        str(number): dict(captions=[f'a painting of a {number}']) for number in range(7)
    }
    assert [len(numbers) for numbers in fake.described] == [3, 3, 1]
    assert [path.name for path in tmp_path.iterdir() if path.name != 'pictures'] == [
        'captions.json'
    ]


def test_an_interrupted_run_goes_on(fake, pictures, tmp_path, monkeypatch):
    out = tmp_path / 'captions.json'
    monkeypatch.setattr(fake, 'fails_after', 2)
    with pytest.raises(KeyboardInterrupt):
        generate_captions(pictures, out, SETTINGS, batch_size=2)
    assert not out.exists()
    # Killed in the middle of a line.
    lines = tmp_path / '.captions.json.progress' / 'captions.jsonl'
    lines.write_bytes(lines.read_bytes() + b'["4.png", "a pai')
    monkeypatch.setattr(fake, 'fails_after', None)
    result = generate_captions(pictures, out, SETTINGS, batch_size=2)
    assert result.written == 7
    assert np.concatenate(fake.described).tolist() == list(range(7)), 'none twice'
    assert read_captions(out)['4.png'] == dict(captions=['a painting of a 4'])


def test_progress_of_other_settings_is_refused(fake, pictures, tmp_path, monkeypatch):
    out = tmp_path / 'captions.json'
    monkeypatch.setattr(fake, 'fails_after', 1)
    with pytest.raises(KeyboardInterrupt):
        generate_captions(pictures, out, SETTINGS, batch_size=2)
    with pytest.raises(ValueError, match='holds captions of other settings'):
        generate_captions(pictures, out, CaptionerSettings('fake', 40, 77))


def test_pictures_that_came_later_are_added(fake, pictures, tmp_path):
    out = tmp_path / 'captions.json'
    generate_captions(pictures[:5], out, SETTINGS)
    assert generate_captions(pictures[:5], out, SETTINGS).written == 0
    result = generate_captions(pictures, out, SETTINGS)
    assert (result.written, result.kept) == (2, 5)
    assert len(fake.described) == 2 and len(read_captions(out)) == 7


def test_a_file_that_is_completed_or_cleaned_is_read_once(
    fake, pictures, tmp_path, monkeypatch
):
    out = tmp_path / 'captions.json'
    generate_captions(pictures[:5], out, SETTINGS)
    read, whole = [], Path.read_text
    monkeypatch.setattr(
        Path, 'read_text', lambda path, **how: read.append(path) or whole(path, **how)
    )
    generate_captions(pictures, out, SETTINGS)
    assert read.count(out) == 1
    clean_captions(out, tmp_path / 'clean.json', list, SETTINGS)
    assert read.count(out) == 2


def test_a_file_takes_captions_of_one_model(fake, pictures, tmp_path):
    out = tmp_path / 'captions.json'
    generate_captions(pictures[:5], out, SETTINGS)
    first = dict(model='fake', min_new_tokens=0, max_new_tokens=77, cleaning='')
    assert read_caption_file(out).captioners == [first]
    before = out.read_bytes()
    # Nor is it said that the other's captions were there already.
    for wanted in (pictures[:5], pictures):
        with pytest.raises(
            ValueError, match="has captions of 'fake', so 'blip' cannot"
        ):
            generate_captions(wanted, out, CaptionerSettings('blip', 0, 77))
    assert out.read_bytes() == before and len(fake.described) == 1
    assert not list(tmp_path.glob('.*'))
    # Other options of the same model are noted.
    longer = CaptionerSettings('fake', 40, 77)
    for _ in range(2):
        generate_captions(pictures, out, longer)
    assert read_caption_file(out).captioners == [first, first | dict(min_new_tokens=40)]
    assert len(read_captions(out)) == 7


def test_other_options_are_said(fake, pictures, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(
        generation, 'print_log', lambda message, *_, **__: said.append(message)
    )
    out = tmp_path / 'captions.json'
    for settings in (SETTINGS, SETTINGS, CaptionerSettings('fake', 40, 77)):
        generate_captions(pictures, out, settings)
    (message,) = said
    assert "'min_new_tokens': 0" in message and 'they stay as they are' in message


def test_a_file_that_does_not_tell_its_captioner(fake, pictures, tmp_path):
    """TADP's own do not, nor do older ones of this package."""
    out = tmp_path / 'captions.json'
    write_captions_file(out, {'0.png': dict(captions=['a cat'], class_label=8)})
    result = generate_captions(pictures, out, SETTINGS)
    assert (result.written, result.kept) == (6, 1)
    assert read_captions(out)['0.png'] == dict(captions=['a cat'], class_label=8)
    assert read_caption_file(out).captioners == []


def test_files_that_are_no_pictures(fake, pictures, tmp_path):
    out = tmp_path / 'captions.json'
    whole = pictures[3].read_bytes()
    pictures[3].write_bytes(whole[:60])
    pictures[4].write_text('no picture')
    result = generate_captions(pictures, out, SETTINGS)
    assert result.written == 5 and len(result.unreadable) == 2
    assert all('cannot be read as a picture' in text for text in result.unreadable)
    assert str(pictures[3]) in result.unreadable[0]
    pictures[3].write_bytes(whole)
    pictures[4].write_bytes(whole)
    # Other settings may describe the rest.
    result = generate_captions(pictures, out, CaptionerSettings('fake', 1, 77))
    assert (result.written, result.kept, result.unreadable) == (2, 5, ())
    assert len(read_captions(out)) == 7


def test_an_empty_caption_is_none(fake, pictures, tmp_path, monkeypatch):
    out = tmp_path / 'captions.json'
    with monkeypatch.context() as patch:
        patch.setattr(fake, '__call__', lambda _, batch: ['a car', '', 'a car'])
        result = generate_captions(pictures[:3], out, SETTINGS)
    assert result.written == 2 and list(read_captions(out)) == ['0.png', '2.png']
    (message,) = result.unreadable
    assert message.startswith(f'{pictures[1]} got an empty caption')
    result = generate_captions(pictures[:3], out, CaptionerSettings('fake', 1, 77))
    assert (result.written, result.kept) == (1, 2)


def test_a_full_disk(fake, pictures, tmp_path, monkeypatch):
    out = tmp_path / 'captions.json'

    def full(*_):
        raise OSError(errno.ENOSPC, 'No space left on device', str(out))

    with monkeypatch.context() as patch:
        patch.setattr(generation, 'write_captions_file', full)
        with pytest.raises(OSError, match='No space left'):
            generate_captions(pictures, out, SETTINGS)
    assert not out.exists()
    assert generate_captions(pictures, out, SETTINGS).written == 7
    assert len(fake.described) == 1, 'what was described stays'


def test_another_file_in_place(fake, pictures, tmp_path):
    out = tmp_path / 'captions.json'
    out.write_text('{"info": "COCO", "images": []}')
    with pytest.raises(ValueError, match="no caption file: 'info' holds 'COCO'"):
        generate_captions(pictures, out, SETTINGS)
    assert 'COCO' in out.read_text()


def test_two_pictures_of_one_name(fake, pictures, tmp_path):
    twin = tmp_path / 'other' / '0.png'
    paths = [*pictures, twin]
    with pytest.raises(ValueError, match=r"would both be '0.png' .* more parts .* 1"):
        generate_captions(paths, tmp_path / 'captions.json', SETTINGS)


@pytest.mark.parametrize('options', [dict(batch_size=0), dict(processes=0)])
def test_bad_numbers(options, pictures, tmp_path):
    with pytest.raises(ValueError, match='must be at least 1, got'):
        generate_captions(pictures, tmp_path / 'captions.json', SETTINGS, **options)


def test_cleaning(fake, pictures, tmp_path):
    out = tmp_path / 'captions.json'
    generate_captions(pictures, out, SETTINGS, cleaner=StyleWordCleaner())
    assert read_captions(out)['3.png'] == dict(captions=['a 3'])


class Endpoint:
    """Works twice, then is down until it is repaired."""

    def __init__(self):
        self.asked, self.down = [], False

    def __call__(self, captions):
        if self.down or len(self.asked) == 2:
            self.down = True
            raise EndpointError('the endpoint is down')
        self.asked.append(list(captions))
        return [caption.removeprefix('a painting of ') for caption in captions]


def test_an_endpoint_that_goes_down(fake, pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(generation, 'CLEANING_BATCH', 3)
    out, endpoint = tmp_path / 'captions.json', Endpoint()
    with pytest.raises(EndpointError, match='is down'):
        generate_captions(pictures, out, SETTINGS, cleaner=endpoint)
    assert not out.exists()
    repaired = Endpoint()
    generate_captions(pictures, out, SETTINGS, cleaner=repaired)
    assert len(fake.described) == 1
    assert [len(texts) for texts in endpoint.asked + repaired.asked] == [3, 3, 1]
    assert read_captions(out)['6.png'] == dict(captions=['a 6'])


def test_a_caption_file_is_cleaned(tmp_path, monkeypatch):
    monkeypatch.setattr(generation, 'CLEANING_BATCH', 2)
    source, out = tmp_path / 'raw.json', tmp_path / 'clean.json'
    texts = ['a sketch of a dog', 'a cat', 'a drawing of two birds']
    entries = {
        '1': dict(captions=texts[:2], class_label=4),
        '2': dict(captions=texts[2:]),
    }
    captioner = dict(model='blip', min_new_tokens=3, cleaning='')
    write_captions_file(source, entries, [captioner])
    settings = CaptionerSettings(str(source), 0, 77, 'words')
    with pytest.raises(EndpointError):
        broken = Endpoint()
        broken.asked.append([])
        clean_captions(source, out, broken, settings)
    assert clean_captions(source, out, StyleWordCleaner(), settings) == 3
    assert read_captions(out) == {
        # The first two came from the endpoint, which leaves sketches alone.
        '1': dict(captions=['a sketch of a dog', 'a cat'], class_label=4),
        '2': dict(captions=['two birds']),
    }
    assert read_captions(source) == entries
    assert read_caption_file(out).captioners == [captioner | dict(cleaning='words')]
    with pytest.raises(ValueError, match='clean.json exists already'):
        clean_captions(source, out, StyleWordCleaner(), settings)
    twice = tmp_path / 'twice.json'
    clean_captions(out, twice, StyleWordCleaner(), settings)
    assert read_caption_file(twice).captioners[0]['cleaning'] == 'words, then words'
