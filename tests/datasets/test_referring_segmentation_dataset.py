from __future__ import annotations

import warnings
from collections import Counter

import pytest
from mmengine.registry import DATASETS, init_default_scope
from mmengine.runner import Runner

import diffmm  # noqa: F401
from diffmm.mini_world import Renderer, SceneSampler, generate, refer
from tests.datasets.refer_folder import TWO_SQUARES, reference, write_folder

LOAD = [
    dict(type='LoadImageFromFile'),
    dict(type='DrawExpression'),
    dict(type='LoadReferringMask'),
    dict(type='PackSegInputs', meta_keys=('img_path', 'expression', 'ref_id')),
]


def build(root, **options):
    config = dict(type='ReferringSegmentationDataset', data_root=str(root))
    return DATASETS.build(config | options)


@pytest.fixture(autouse=True)
def mmseg_scope():
    init_default_scope('mmseg')


@pytest.fixture
def root(tmp_path):
    return write_folder(
        tmp_path,
        reference(1, 'the left one', 'two squares'),
        reference(2, 'the right one', split='val'),
        reference(1, 'both', 'the left thing', 'squares', split='val'),
    )


def test_an_item_is_a_reference_in_training_and_a_sentence_in_a_test(root):
    train = build(root)
    item = train.get_data_info(0)
    assert len(train) == 1
    assert item['expressions'] == ['the left one', 'two squares']
    assert item['img_path'] == str(root / 'train2014' / 'a.jpg')
    assert item['segmentation'] == TWO_SQUARES
    assert (item['height'], item['width'], item['ref_id']) == (20, 30, 101)
    assert len(build(root, split='val')) == 2
    test = build(root, split='val', test_mode=True)
    rows = [test.get_data_info(index) for index in range(len(test))]
    assert [(row['ref_id'], row['sent_id'], row['expression']) for row in rows] == [
        (102, 20, 'the right one'),
        (101, 10, 'both'),
        (101, 11, 'the left thing'),
        (101, 12, 'squares'),
    ]
    assert test.metainfo['classes'] == ('background', 'referent')


def test_other_folders(root):
    write_folder(root, reference(1, 'x'), name='refcocog', split_by='umd')
    (root / 'train2014').rename(root / 'pictures')
    options = dict(dataset='refcocog', split_by='umd')
    with pytest.raises(FileNotFoundError, match='train2014 does not .*docs/refcoco.md'):
        build(root, **options)
    data = build(root, **options, data_prefix=dict(img_path='pictures'), pipeline=LOAD)
    assert data[0]['data_samples'].expression == 'x'


def test_sentences_without_text_are_left_out_and_counted(tmp_path):
    root = write_folder(
        tmp_path, reference(1, 'a', ' '), reference(2, ''), reference(2, 'b')
    )
    with pytest.warns(UserWarning, match=r'2 references .*without text.*\[101, 102\]'):
        train = build(root)
    assert [train.get_data_info(i)['expressions'] for i in range(2)] == [['a'], ['b']]
    with pytest.warns(UserWarning, match='2 references'):
        assert len(build(root, test_mode=True)) == len(train) == 2


def test_good_sentences_warn_of_nothing(root):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        build(root)


def test_a_reference_to_nothing_is_an_error(tmp_path):
    bad = reference(2, 'b', split='val', ann_id=5)
    root = write_folder(tmp_path, reference(1, 'a'), bad)
    with pytest.raises(ValueError, match='reference 102 .* points to object 5'):
        build(root, split='val')
    # Only the references of the split must be right.
    assert len(build(root, split='train')) == 1


def test_a_missing_picture_is_named(root):
    (root / 'train2014' / 'a.jpg').unlink()
    with pytest.raises(FileNotFoundError, match='a.jpg'):
        build(root, pipeline=LOAD)[0]


def draws(root, epochs, first=0):
    """Sentences that the workers of a training draw, epoch by epoch."""
    loader = Runner.build_dataloader(
        dict(
            batch_size=2,
            num_workers=2,
            persistent_workers=False,
            sampler=dict(type='DefaultSampler', shuffle=True),
            dataset=dict(
                type='ReferringSegmentationDataset', data_root=str(root), pipeline=LOAD
            ),
        ),
        seed=0,
    )
    texts = []
    for epoch in range(first, epochs):
        loader.sampler.set_epoch(epoch)
        samples = [sample for batch in loader for sample in batch['data_samples']]
        texts.append([(sample.ref_id, sample.expression) for sample in samples])
    return texts


def test_a_resumed_training_draws_what_an_uninterrupted_one_draws(tmp_path):
    refs = [
        reference(1, *(f'{number} {word}' for word in 'abcdefgh'), ref_id=number)
        for number in range(12)
    ]
    root = write_folder(tmp_path, *refs)
    epochs = draws(root, 3)
    assert draws(root, 3, first=2) == epochs[2:]
    # Every reference once an epoch, and its sentences change.
    for texts in epochs:
        assert Counter(number for number, _ in texts) == Counter(range(12))
    assert len({text for texts in epochs for _, text in texts}) > 18


def test_the_mini_world_s_layout(tmp_path):
    generate(tmp_path, 'refcoco', num_train=3, num_val=2, size=64, workers=1)
    data = build(tmp_path, pipeline=LOAD)
    rendered = [
        Renderer(64).render(SceneSampler(0).sample('train', index))
        for index in range(3)
    ]
    for index in range(len(data)):
        info, sample = data.get_data_info(index), data[index]['data_samples']
        truth = rendered[info['ref_id'] // 100 - 1]
        mask = truth.visible[info['ref_id'] % 100]
        assert (sample.gt_sem_seg.data[0].numpy() == mask).all()
        texts = [e.text for e in refer(truth.scene)]
        assert sample.expression in {text.lower().replace(',', '') for text in texts}


def build_control(root, **options):
    config = dict(type='ExchangedExpressionsDataset', data_root=str(root), split='val')
    return DATASETS.build(config | options)


def texts(dataset):
    rows = [dataset.get_data_info(index) for index in range(len(dataset))]
    return [(row['ref_id'], row['sent_id'], row['expression']) for row in rows]


@pytest.fixture
def two_objects(tmp_path):
    return write_folder(
        tmp_path,
        reference(1, 'left one', 'left thing', 'left', split='val'),
        reference(2, 'right one', 'right thing', split='val'),
    )


def test_sentences_are_those_of_the_other_object(two_objects):
    right, wrong = (
        texts(build_control(two_objects, exchange=False)),
        texts(build_control(two_objects)),
    )
    assert [row[:2] for row in right] == [row[:2] for row in wrong]
    assert [row[2] for row in right] == [
        'left one', 'left thing', 'left', 'right one', 'right thing'
    ]  # fmt: skip
    assert [row[2] for row in wrong] == [
        'right one', 'right thing', 'right one', 'left one', 'left thing'
    ]  # fmt: skip


def test_masks_stay(two_objects):
    right, wrong = (
        build_control(two_objects, exchange=False),
        build_control(two_objects),
    )
    for index in range(len(right)):
        masks = [data.get_data_info(index)['segmentation'] for data in (right, wrong)]
        assert masks[0] == masks[1]


def test_a_picture_with_one_object_is_left_out(tmp_path):
    root = write_folder(tmp_path, reference(1, 'a', 'b', split='val'))
    with pytest.raises(ValueError, match="of split 'val' of 'refcoco' .* two referred"):
        build_control(root)


def test_it_is_no_training_set(two_objects):
    with pytest.raises(ValueError, match='test_mode=False; train on Referring'):
        build_control(two_objects, test_mode=False)
