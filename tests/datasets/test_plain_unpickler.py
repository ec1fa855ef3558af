from __future__ import annotations

import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from diffmm.datasets.plain_unpickler import read_plain_pickle

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
