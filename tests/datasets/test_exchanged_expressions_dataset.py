from __future__ import annotations

import pytest
from mmengine.registry import DATASETS

import diffmm  # noqa: F401
from tests.datasets.refer_folder import reference, write_folder


def build(root, **options):
    config = dict(type='ExchangedExpressionsDataset', data_root=str(root), split='val')
    return DATASETS.build(config | options)


def texts(dataset):
    rows = [dataset.get_data_info(index) for index in range(len(dataset))]
    return [(row['ref_id'], row['sent_id'], row['expression']) for row in rows]


@pytest.fixture
def root(tmp_path):
    return write_folder(
        tmp_path,
        reference(1, 'left one', 'left thing', 'left', split='val'),
        reference(2, 'right one', 'right thing', split='val'),
    )


def test_sentences_are_those_of_the_other_object(root):
    right, wrong = texts(build(root, exchange=False)), texts(build(root))
    assert [row[:2] for row in right] == [row[:2] for row in wrong]
    assert [row[2] for row in right] == [
        'left one', 'left thing', 'left', 'right one', 'right thing'
    ]  # fmt: skip
    assert [row[2] for row in wrong] == [
        'right one', 'right thing', 'right one', 'left one', 'left thing'
    ]  # fmt: skip


def test_masks_stay(root):
    right, wrong = build(root, exchange=False), build(root)
    for index in range(len(right)):
        masks = [data.get_data_info(index)['segmentation'] for data in (right, wrong)]
        assert masks[0] == masks[1]


def test_a_picture_with_one_object_is_left_out(tmp_path):
    root = write_folder(tmp_path, reference(1, 'a', 'b', split='val'))
    with pytest.raises(ValueError, match="of split 'val' of 'refcoco' .* two referred"):
        build(root)


def test_it_is_no_training_set(root):
    with pytest.raises(ValueError, match='test_mode=False; train on Referring'):
        build(root, test_mode=False)
