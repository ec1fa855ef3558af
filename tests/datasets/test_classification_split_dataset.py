import json

import pytest

from diffmm.datasets import ClassificationSplitDataset

SPLIT = dict(
    train=[['owl/1.jpg', 1, 'owl'], ['cat/1.jpg', 0, 'cat']],
    val=[['owl/2.jpg', 1, 'owl']],
    test=[['fox/1.jpg', 2, 'fox']],
)


def build(root, content, part='train'):
    # Editors of some systems put a byte order mark in front.
    (root / 'split.json').write_text(json.dumps(content), encoding='utf-8-sig')
    return ClassificationSplitDataset(
        'split.json', part, data_root=str(root), data_prefix=dict(img_path='images')
    )


def test_a_part_is_read_with_the_names_of_all(tmp_path):
    dataset = build(tmp_path, SPLIT)
    assert len(dataset) == 2
    assert dataset.metainfo['classes'] == ('cat', 'owl', 'fox')
    info = dataset.get_data_info(0)
    assert info['img_path'] == str(tmp_path / 'images/owl/1.jpg')
    assert info['gt_label'] == 1
    assert len(build(tmp_path, SPLIT, 'test')) == 1


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ({}, "no split file .'train'"),
        (dict(SPLIT, val=[['a.jpg', 0]]), 'no split file'),
        (dict(SPLIT, val=[['a.jpg', 0, 'dog']]), "label 0 is 'cat' and 'dog'"),
        ([1], 'no split file'),
    ],
)
def test_other_files_are_refused(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        build(tmp_path, content)


def test_the_part_and_the_file_must_exist(tmp_path):
    with pytest.raises(ValueError, match=r"part must be one of .*, got 'zero'"):
        build(tmp_path, SPLIT, 'zero')
    with pytest.raises(FileNotFoundError, match=r'none.json does not exist'):
        ClassificationSplitDataset('none.json', 'val', data_root=str(tmp_path))
