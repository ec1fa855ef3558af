import json

import pytest

from diffmm.utils.split_file import read_split_file

ROWS = dict(
    train=[['/a/1.jpg', 0, 'cat'], ['b/1.jpg', 1, 'dog']],
    val=[],
    test=[['b/2.jpg', 1, 'dog']],
)


def read(folder, content):
    path = folder / 'split.json'
    path.write_text(json.dumps(content))
    return read_split_file(path)


def test_rows_and_classes(tmp_path):
    split = read(tmp_path, ROWS)
    assert split.classes == ('cat', 'dog')
    # Below the folder of the pictures, whatever the list of the data set wrote.
    assert split.rows['train'][0] == ('a/1.jpg', 0, 'cat')


@pytest.mark.parametrize(
    ('row', 'message'),
    [
        (['c/1.jpg', 2, 'cat'], "'cat' has the labels 0 and 2"),
        (['c/1.jpg', 0, 'owl'], "label 0 is 'cat' and 'owl'"),
        (['c/1.jpg', 5, 'owl'], '3 labels must count from 0 to 2, got 0 to 5'),
    ],
)
def test_labels_that_are_no_numbers_of_names(tmp_path, row, message):
    with pytest.raises(ValueError, match=f'split.json is no split file .{message}'):
        read(tmp_path, dict(ROWS, val=[row]))
