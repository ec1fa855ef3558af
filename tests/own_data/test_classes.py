from __future__ import annotations

import pytest

from diffmm.own_data import DataError
from diffmm.own_data.classes import read_classes


def test_names_numbers_and_colors(tmp_path):
    plain = read_classes(['天空', 'tree'], None)
    assert plain.values == (0, 1) and plain.plain and not plain.colored
    numbered = read_classes(['sky=0', '人=255'], None)
    assert numbered.names == ('sky', '人') and numbered.values == (0, 255)
    assert not numbered.plain
    colored = read_classes(['road=128,64,128', 'car=0,0,142'], None)
    assert colored.colored and colored.palette() == [[128, 64, 128], [0, 0, 142]]
    # A byte order mark, an empty line, a blank in a name.
    path = tmp_path / 'names.txt'
    path.write_text('\ufefftraffic light = 3\n\nsky = 1\n', encoding='utf-8')
    assert read_classes([], path).names == ('traffic light', 'sky')
    assert read_classes([], path).values == (3, 1)


def test_made_up_colors_differ():
    palette = read_classes([f'c{i}' for i in range(40)], None).palette()
    assert len({tuple(color) for color in palette}) == 40


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        ([], 'need the names of their classes'),
        (['a', 'b=2'], 'a has no value, but others have'),
        (['a=1', 'b=1,2,3'], 'some values are numbers and some colors'),
        (['a', 'a'], 'two classes have the name a'),
        (['a=1', 'b=1'], 'two classes have the value 1'),
        (['=3'], "'=3' has no name"),
        (['a=x'], "'a=x': the value of a class"),
        (['a=1,2'], "'a=1,2': the value of a class"),
        (['a=1,2,300'], "'a=1,2,300': the value of a class"),
        ([f'c{i}' for i in range(300)], '300 classes; masks of 8 bits'),
    ],
)
def test_what_is_refused(words, message):
    with pytest.raises(DataError, match=message):
        read_classes(words, None)


def test_a_file_that_is_no_text(tmp_path):
    (tmp_path / 'a.txt').write_bytes('天空'.encode('gbk'))
    for name, why in (('a.txt', 'line 1: byte 0xcc is no'), ('none.txt', 'not exist')):
        with pytest.raises(DataError, match=rf'--class-file: .*{name}.*{why}'):
            read_classes([], tmp_path / name)
