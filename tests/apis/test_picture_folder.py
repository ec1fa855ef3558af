from __future__ import annotations

import numpy as np
import pytest

from diffmm.apis import predict_folder
from diffmm.utils.picture_file import write_picture


class Predictor:
    """Says the name of every picture, and cannot use those that are called bad."""

    def __init__(self, checkpoint='a.pth (12)'):
        self.seen = []
        self.checkpoint = checkpoint

    def provenance(self):
        return dict(config='a.py (34)', checkpoint=self.checkpoint)

    def stream(self, pictures, texts, batch_size):
        if not isinstance(texts, list):
            texts = [texts] * len(pictures)
        for picture, text in zip(pictures, texts, strict=True):
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


@pytest.mark.parametrize(
    ('options', 'change'),
    [
        (dict(text='a dog'), 'text was a cat, is a dog'),
        (dict(text=None), 'text was a cat, is the default'),
        (
            dict(predictor=Predictor('b.pth (56)')),
            r'checkpoint was a.pth \(12\), is b.pth \(56\)',
        ),
        (
            dict(settings=dict(steps=4, opacity=0.5)),
            'opacity was the default, is 0.5; steps was 8, is 4',
        ),
    ],
)
def test_results_of_other_settings_are_not_left(photos, tmp_path, options, change):
    arguments = dict(
        predictor=Predictor(),
        folder=photos,
        out_dir=tmp_path / 'out',
        save=save,
        ending='_x.txt',
        text='a cat',
        settings=dict(steps=8, opacity=None),
    )
    predict_folder(**arguments)
    (tmp_path / 'out' / 'b_x.txt').unlink()
    changed = arguments | options
    with pytest.raises(ValueError, match=f'2 results in .*a.jpg_x.txt: {change}. Over'):
        predict_folder(**changed)
    assert not (tmp_path / 'out' / 'b_x.txt').exists()
    # The old settings still continue, and the new ones may overwrite.
    assert names(predict_folder(**arguments).written) == ['b_x.txt']
    assert len(predict_folder(**changed, overwrite=True).written) == 3
    assert len(predict_folder(**changed).skipped) == 3


def test_an_interrupted_overwriting_is_noticed(photos, tmp_path):
    def break_off(result, path):
        if 'b.png' in result:
            raise KeyboardInterrupt
        save(result, path)

    out = tmp_path / 'out'
    predict_folder(Predictor(), photos, out, save, '_x.txt', 'a cat')
    with pytest.raises(KeyboardInterrupt):
        predict_folder(
            Predictor(), photos, out, break_off, '_x.txt', 'a dog', overwrite=True
        )
    with pytest.raises(ValueError, match='1 results in .*b_x.txt: text was a cat, is'):
        predict_folder(Predictor(), photos, out, save, '_x.txt', 'a dog')


def test_a_file_without_a_record_is_left(photos, tmp_path):
    out = tmp_path / 'out'
    save('old', out / 'b_x.txt')
    predict_folder(Predictor(), photos, out, save, '_x.txt', 'a cat')
    assert (out / 'b_x.txt').read_text() == 'old'


def test_every_picture_has_its_own_text(photos, tmp_path):
    (photos / 'bad.png').write_bytes(b'no picture')
    texts = {'a.jpg': 'a cat', 'b.png': 'a dog'}
    out = tmp_path / 'out'
    report = predict_folder(Predictor(), photos, out, save, '_x.txt', texts)
    assert (out / 'a.jpg_x.txt').read_text() == 'a cat a.jpg'
    assert (out / 'b_x.txt').read_text() == 'a dog b.png'
    errors = {picture.name: str(error) for picture, error in report.failed.items()}
    assert 'a.png has no text' in errors['a.png']
    assert 'is not an intact image' in errors['bad.png']
    # A text that was corrected concerns its picture alone.
    texts['b.png'] = 'a wolf'
    with pytest.raises(ValueError, match='1 results .*text was a dog, is a wolf'):
        predict_folder(Predictor(), photos, out, save, '_x.txt', texts)
