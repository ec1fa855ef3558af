from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffmm.own_data import DataError
from diffmm.own_data.pictures import find_files, open_pictures, partners, split
from tests.own_data.conftest import save_image


def test_hidden_files_and_other_kinds_are_no_pictures(photos):
    (photos / 'images' / '.照片.jpg').touch()
    (photos / 'images' / 'Thumbs.db').touch()
    found = find_files(photos / 'images', 'pictures')
    assert [path.name for path in found] == [f'照片 {i}.jpg' for i in range(10)]
    with pytest.raises(DataError, match='masks: .*none.* is no folder'):
        find_files(photos / 'none', 'masks')
    (photos / 'empty').mkdir()
    with pytest.raises(DataError, match="empty' has no file that ends in"):
        find_files(photos / 'empty', 'pictures')


def test_orientation_counts(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / 'phone.jpg'
    Image.new('RGB', (96, 72)).save(path, exif=exif)
    (picture,) = open_pictures([path])
    assert (picture.width, picture.height, picture.turned) == (72, 96, True)
    assert picture.ratio == pytest.approx(96 / 72)


def test_damaged_and_small_pictures_are_named(photos):
    paths = find_files(photos / 'images', 'pictures')
    paths[3].write_bytes(paths[3].read_bytes()[:300])
    paths[5].write_bytes(b'<html>')
    with pytest.raises(DataError, match=r'2 pictures cannot be read: .*照片 3.jpg'):
        open_pictures(paths)
    small = save_image(photos / 'small.png', np.zeros((20, 90, 3), np.uint8))
    with pytest.raises(DataError, match=r'1 picture below 64 .*small.png \(90x20\)'):
        open_pictures([small])


def test_the_same_files_validate_every_time():
    items = [f'{i}.jpg' for i in range(40)]
    train, val = split(items, 0.1)
    assert len(val) == 4 and sorted(train + val) == sorted(items)
    assert split(items, 0.1) == (train, val)
    assert [len(part) for part in split(items[:2], 0.9)] == [1, 1]
    for count, share, message in ((40, 0, '--val-share'), (1, 0.5, '--val-images')):
        with pytest.raises(DataError, match=message):
            split(items[:count], share)


@pytest.mark.parametrize(
    ('pictures', 'others', 'ending'),
    [
        (['a.jpg', 'b.JPG'], ['a.png', 'b.png'], '.png'),
        (['a.jpg', 'b.jpg'], ['a_mask.png', 'b_mask.png', 'c_mask.png'], '_mask.png'),
        # A name that begins another one.
        (['a.jpg', 'a_1.jpg'], ['a_mask.png', 'a_1_mask.png'], '_mask.png'),
        (['x/a.jpg', 'y/a.jpg'], ['x/a.png', 'y/a.png'], '.png'),
        (['a.jpg', 'b.jpg'], ['a.png', 'a_edge.png', 'b.png', 'b_edge.png'], '.png'),
    ],
)
def test_partners(pictures, others, ending):
    one, other = Path('images'), Path('masks')
    paths = [one / name for name in pictures]
    found, behind = partners(paths, one, [other / name for name in others], other)
    assert behind == ending
    assert found == {
        path: other / (path.relative_to(one).with_suffix('').as_posix() + ending)
        for path in paths
    }
