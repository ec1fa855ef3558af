from __future__ import annotations

import json
import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from diffmm.datasets.referring_annotations import (
    ReferringAnnotations,
    read_plain_pickle,
)
from tests.datasets.refer_folder import reference, write_folder


def read(root, **options):
    return ReferringAnnotations.read(
        root / 'refcoco', **(dict(split_by='unc') | options)
    )


def test_splits_are_selected_as_released(tmp_path):
    names = ('train', 'val', 'testA', 'testB', 'testAB', 'testBC', 'test', 'train')
    refs = [
        reference(1, 'a', split=name, ref_id=number)
        for number, name in enumerate(names)
    ]
    annotations = read(write_folder(tmp_path, *refs))
    assert annotations.splits['train'] == 2
    chosen = {
        split: [ref['ref_id'] for ref in annotations.select(split)]
        for split in ('train', 'val', 'test', 'testA', 'testB', 'testC')
    }
    assert chosen == dict(
        train=[0, 7],
        val=[1],
        test=[2, 3, 4, 5, 6],
        testA=[2, 4],
        testB=[3, 4, 5],
        testC=[5],
    )


def test_an_unknown_split_is_told_what_there_is(tmp_path):
    annotations = read(write_folder(tmp_path, reference(1, 'a'), reference(2, 'b')))
    with pytest.raises(ValueError, match=r"no references of split 'vall'.*'train': 2"):
        annotations.select('vall')


def test_an_unknown_split_by_is_told_what_there_is(tmp_path):
    write_folder(tmp_path, reference(1, 'a'))
    with pytest.raises(FileNotFoundError, match=r"refs\(umd\).*'refs\(unc\).p'"):
        read(tmp_path, split_by='umd')


def test_a_missing_folder_or_file_points_to_the_guide(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'unc\).p does not .*docs/refcoco.md'):
        read(tmp_path)
    write_folder(tmp_path, reference(1, 'a'))
    (tmp_path / 'refcoco' / 'instances.json').unlink()
    with pytest.raises(FileNotFoundError, match='instances.json .*docs/refcoco.md'):
        read(tmp_path)


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (dict(a=1), 'must hold a list, got dict'),
        ([reference(1, 'a'), 'b'], "entry 1 of .* lacks .*'ann_id'"),
        ([{'ref_id': 1, 'split': 'val'}], 'entry 0 .*sentences'),
        ([reference(1, sentences=[dict(raw='a')])], 'reference 101 .* without "sent"'),
    ],
)
def test_references_of_another_form(tmp_path, content, message):
    write_folder(tmp_path)
    (tmp_path / 'refcoco' / 'refs(unc).p').write_bytes(pickle.dumps(content, 2))
    with pytest.raises(ValueError, match=message):
        read(tmp_path)


@pytest.mark.parametrize(
    'text', ['{"images": [', '{"images": []}', '[]', '{"images": 3}']
)
def test_instances_of_another_form(tmp_path, text):
    write_folder(tmp_path, reference(1, 'a'))
    (tmp_path / 'refcoco' / 'instances.json').write_text(text)
    with pytest.raises(
        ValueError, match='no COCO file with "images" and "annotations"'
    ):
        read(tmp_path)


def test_what_a_reference_points_to(tmp_path):
    annotations = read(write_folder(tmp_path, reference(2, 'a')))
    image, annotation = annotations.resolve(annotations.refs[0])
    assert (image['id'], annotation['id']) == (7, 2)


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (
            dict(image_id=8),
            'reference 101 .* points to picture 8, which instances.json',
        ),
        (dict(ann_id=3), 'reference 101 .* points to object 3, which instances.json'),
        (dict(image_id=9), 'is about picture 9, but its object 1 is in picture 7'),
    ],
)
def test_what_is_absent_is_named(tmp_path, changes, message):
    images = [dict(id=n, file_name='a.jpg', height=20, width=30) for n in (7, 9)]
    write_folder(tmp_path, reference(1, 'a', **changes), images=images)
    annotations = read(tmp_path)
    assert json.loads((tmp_path / 'refcoco/instances.json').read_text())['images']
    with pytest.raises(ValueError, match=message):
        annotations.resolve(annotations.refs[0])


PLAIN = [dict(a=[1, -2.5, 'x', None, True, 2**70], b=('y', b'z'), c=dict(d=[]))]


class Malicious:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize('protocol', range(6))
def test_plain_data_come_back(tmp_path, protocol):
    # Bytes of protocols below 3 are made by a function, and Python 2 had none.
    data = PLAIN if protocol >= 3 else [dict(PLAIN[0], b=('y',))]
    (tmp_path / 'a.p').write_bytes(pickle.dumps(data, protocol))
    assert read_plain_pickle(tmp_path / 'a.p') == data


@pytest.mark.parametrize(
    'data',
    [
        b"(lp0\nS'caf\\xc3\\xa9'\np1\naVcaf\xe9\np2\naL12L\na.",  # protocol 0
        b'\x80\x02]q\x00(U\x05caf\xc3\xa9q\x01X\x05\x00\x00\x00caf\xc3\xa9q\x02K\x0ce.',
    ],
)
def test_what_python_2_wrote(tmp_path, data):
    """Its str (bytes) and its unicode."""
    (tmp_path / 'a.p').write_bytes(data)
    assert read_plain_pickle(tmp_path / 'a.p') == ['café', 'café', 12]


def test_code_is_not_run(tmp_path):
    target = tmp_path / 'touched'
    (tmp_path / 'a.p').write_bytes(pickle.dumps([Malicious(target)]))
    with pytest.raises(ValueError, match=r'a\.p .*asks for .*pathlib.*only lists'):
        read_plain_pickle(tmp_path / 'a.p')
    assert not target.exists()


@pytest.mark.parametrize('data', [OrderedDict(a=1), np.float64(1), {1, 2}, print])
def test_other_types_are_refused_by_name(tmp_path, data):
    (tmp_path / 'a.p').write_bytes(pickle.dumps(data, 2))
    with pytest.raises(ValueError, match='it asks for '):
        read_plain_pickle(tmp_path / 'a.p')


@pytest.mark.parametrize('length', [0, 1, 2, 9, -1])
def test_a_damaged_file_is_named(tmp_path, length):
    (tmp_path / 'a.p').write_bytes(pickle.dumps(PLAIN)[:length])
    with pytest.raises(ValueError, match=r'a\.p is damaged or holds no plain data'):
        read_plain_pickle(tmp_path / 'a.p')


def test_no_pickle_at_all(tmp_path):
    (tmp_path / 'a.p').write_text('<html>404 Not Found</html>')
    with pytest.raises(ValueError, match='damaged or holds no plain data'):
        read_plain_pickle(tmp_path / 'a.p')
