import json

import pytest

from diffmm.datasets import ClassificationSplitDataset

SPLIT = dict(
    train=[['owl/1.jpg', 1, 'owl'], ['cat/1.jpg', 0, 'cat']],
    val=[['owl/2.jpg', 1, 'owl']],
    test=[['fox/1.jpg', 2, 'fox']],
)


def build(root, content, part='train', **options):
    # Editors of some systems put a byte order mark in front.
    (root / 'split.json').write_text(json.dumps(content), encoding='utf-8-sig')
    return ClassificationSplitDataset(
        'split.json',
        part,
        data_root=str(root),
        data_prefix=dict(img_path='images'),
        # It would collect garbage, which takes a second.
        serialize_data=False,
        **options,
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


MANY = dict(
    train=[[f'{name}/{i}.jpg', label, name] for label, name in enumerate('ab')
           for i in range(9 - 6 * label)],
    val=[],
    test=[['a/x.jpg', 0, 'a']],
)  # fmt: skip


def chosen(root, shots, **options):
    dataset = build(root, MANY, shots=shots, **options)
    rows = [dataset.get_data_info(i) for i in range(len(dataset))]
    return {(row['img_path'], row['gt_label']) for row in rows}


def test_few_shots_are_among_more_shots(tmp_path):
    one, two, four = (chosen(tmp_path, shots) for shots in (1, 2, 4))
    assert one < two < four
    assert [sum(label == 0 for _, label in each) for each in (one, two, four)] == [
        1,
        2,
        4,
    ]
    # A class with fewer pictures gives all that it has, each once.
    assert sum(label == 1 for _, label in four) == 3
    assert chosen(tmp_path, 2, seed=1) != two
    assert chosen(tmp_path, 2) == two


def test_a_split_file_of_another_data_set(tmp_path):
    with pytest.raises(ValueError, match='has 3 classes, not 101; it is the'):
        build(tmp_path, SPLIT, num_classes=101)
    with pytest.raises(ValueError, match="no picture of 'fox' in its part 'train'"):
        build(tmp_path, SPLIT, shots=1)
    with pytest.raises(ValueError, match='shots must be at least 1, got 0'):
        build(tmp_path, SPLIT, shots=0)
    with pytest.raises(
        FileNotFoundError, match=r'owl/1.jpg does not .*split.json names'
    ):
        build(tmp_path, SPLIT)[0]
