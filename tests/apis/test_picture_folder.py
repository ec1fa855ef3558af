from __future__ import annotations

import numpy as np
import pytest

from diffmm.apis import predict_folder
from diffmm.utils.picture_file import write_picture


class Predictor:
    """Says the name of every picture, and cannot use those that are called bad."""

    def __init__(self):
        self.seen = []

    def stream(self, pictures, text, batch_size):
        for picture in pictures:
            self.seen.append(picture.name)
            bad = picture.stem == 'bad'
            yield picture, ValueError('too small') if bad else f'{text} {picture.name}'


def save(result, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(result)


@pytest.fixture
def photos(tmp_path):
    for name in ('a.jpg', 'a.png', 'b.png', 'bad.png'):
        pixels = np.zeros((8, 8, 3), np.uint8)
        write_picture(tmp_path / 'photos' / name, pixels)
    return tmp_path / 'photos'


def names(paths):
    return [path.name for path in paths]


def test_files_are_called_after_their_pictures(photos, tmp_path):
    out = tmp_path / 'out'
    report = predict_folder(Predictor(), photos, out, save, '_x.txt', 'kitchen')
    # Two that differ in their endings alone keep them.
    assert names(report.written) == ['a.jpg_x.txt', 'a.png_x.txt', 'b_x.txt']
    assert (out / 'b_x.txt').read_text() == 'kitchen b.png'
    ((picture, error),) = report.failed.items()
    assert picture == photos / 'bad.png' and str(error) == 'too small'
    assert not report.skipped


def test_what_is_there_stays_until_it_is_overwritten(photos, tmp_path):
    out, predictor = tmp_path / 'out', Predictor()
    save('old', out / 'b_x.txt')
    report = predict_folder(predictor, photos, out, save, '_x.txt')
    assert names(report.skipped) == ['b_x.txt'] and 'b.png' not in predictor.seen
    assert (out / 'b_x.txt').read_text() == 'old'
    report = predict_folder(predictor, photos, out, save, '_x.txt', overwrite=True)
    assert not report.skipped and (out / 'b_x.txt').read_text() == 'None b.png'


def test_a_file_that_was_not_finished_is_written_again(photos, tmp_path):
    def break_off(result, path):
        save(result[:2], path)
        if 'b.png' in result:
            raise KeyboardInterrupt

    out = tmp_path / 'out'
    with pytest.raises(KeyboardInterrupt):
        predict_folder(Predictor(), photos, out, break_off, '_x.txt', 'hall')
    assert not (out / 'b_x.txt').exists()
    report = predict_folder(Predictor(), photos, out, save, '_x.txt', 'hall')
    assert names(report.written) == ['b_x.txt']
