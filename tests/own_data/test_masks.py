from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from diffmm.own_data import DataError
from diffmm.own_data.classes import read_classes
from diffmm.own_data.masks import check_masks, convert_masks, hints_of
from diffmm.own_data.pictures import Picture
from tests.own_data.conftest import save_image

ABC = read_classes(['a', 'b', 'c'], None)
LABELS = np.repeat(np.arange(3, dtype=np.uint8), 30)[:, None].repeat(80, axis=1)
COLORS = np.array([[0, 0, 0], [200, 10, 10], [10, 10, 200]], np.uint8)


@pytest.fixture
def check(tmp_path):
    """Checks one mask of a picture of 80x90."""

    def run(pixels, classes=ABC, suffix='.png', **options):
        path = save_image(tmp_path / f'mask{suffix}', pixels)
        return check_masks(
            {Picture(tmp_path / 'a.jpg', 80, 90): path}, classes, **options
        )

    return run


def test_numbers_are_counted(check):
    report = check(LABELS)
    assert report.pixels == (2400, 2400, 2400) and report.pictures == (1, 1, 1)
    assert report.readable and report.ignored == 0 and not hints_of(report, ABC)
    rows = report.table(ABC).splitlines()
    assert rows[2].split() == ['a', '0', '33.33%', '1']


def test_what_mmsegmentation_cannot_read_is_renumbered(check, tmp_path):
    three = read_classes(['a', 'b', 'c'], None)
    colored = read_classes(['a=0,0,0', 'b=200,10,10', 'c=10,10,200'], None)
    for pixels, classes in (
        (LABELS.astype(np.uint16), three),
        (np.repeat(LABELS[..., None], 3, axis=2), three),
        (LABELS * 100 + 5, read_classes(['a=5', 'b=105', 'c=205'], None)),
        (COLORS[LABELS], colored),
    ):
        report = check(pixels, classes)
        assert report.pixels == (2400, 2400, 2400) and not report.readable
        target = tmp_path / 'new' / 'mask.png'
        convert_masks({tmp_path / 'mask.png': target}, classes)
        assert np.array_equal(np.asarray(Image.open(target)), LABELS)


def test_unlabeled_pixels(check, tmp_path):
    holes = LABELS.copy()
    holes[:40] = 255
    report = check(holes)
    assert report.ignored == pytest.approx(40 / 90) and report.pictures == (0, 1, 1)
    assert hints_of(report, ABC) == ['no mask shows a']
    # Black is no class here.
    bc = read_classes(['b=200,10,10', 'c=10,10,200'], None)
    assert check(COLORS[LABELS], bc).ignored == pytest.approx(1 / 3)
    # 1 and 2 are the classes, 0 is none.
    two = read_classes(['b', 'c'], None)
    report = check(LABELS, two, zero_is_unlabeled=True)
    assert report.pixels == (2400, 2400) and report.readable
    convert_masks({tmp_path / 'mask.png': tmp_path / 'new.png'}, two, True)
    new = np.asarray(Image.open(tmp_path / 'new.png'))
    assert [new[0, 0], new[40, 0], new[80, 0]] == [255, 0, 1]


@pytest.mark.parametrize(
    ('pixels', 'words', 'message'),
    [
        (
            LABELS,
            ['a', 'b'],
            r'1 value .*\(2; .*mask.png has 2\).*--zero-is-un',
        ),
        (LABELS * 9, ['a', 'b', 'c'], r'2 values .* \(9 18;.*a=0 b=1 c=2'),
        (COLORS[LABELS], ['a', 'b', 'c'], r'has colors \(0,0,0 .*--classes a=R,G,B'),
        (COLORS[LABELS], ['b=200,10,10', 'c=1,1,1'], r'\(10,10,200;'),
        (LABELS[:50], ['a', 'b', 'c'], r'mask.png is 80x50 and .*a.jpg 80x90'),
        (LABELS * 0 + 255, ['a'], 'no mask has a pixel of any class'),
        ((LABELS > 1).astype(np.uint8) * 255, ['a', 'b'], '--classes a=0 b=255'),
    ],
)
def test_what_is_refused(check, pixels, words, message):
    with pytest.raises(DataError, match=message):
        check(pixels, read_classes(words, None))


def test_a_jpeg_and_damage_are_refused(check, tmp_path):
    with pytest.raises(DataError, match=r'mask.jpg is a JPEG'):
        check(LABELS, suffix='.jpg')
    check(LABELS)
    path = tmp_path / 'mask.png'
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(DataError, match=r'mask.png cannot be read'):
        check_masks({Picture(tmp_path / 'a.jpg', 80, 90): path}, ABC)


def test_a_mask_of_a_turned_photo(tmp_path):
    path = save_image(tmp_path / 'mask.png', LABELS)
    picture = Picture(tmp_path / 'phone.jpg', 90, 80, turned=True)
    with pytest.raises(DataError, match='without its EXIF orientation'):
        check_masks({picture: path}, ABC)
