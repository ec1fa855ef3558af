from __future__ import annotations

import pytest

from diffmm.datasets import DepthListDataset, ImageCaptionDataset
from diffmm.utils.class_names import read_lines
from diffmm.utils.text_file import read_text


def test_a_byte_order_mark_is_no_text(tmp_path):
    path = tmp_path / 'a.txt'
    path.write_bytes('\ufeff天空\n'.encode())
    assert read_text(path) == '天空\n'
    with pytest.raises(FileNotFoundError):
        read_text(tmp_path / 'none.txt')


@pytest.mark.parametrize(
    'read',
    [
        read_text,
        read_lines,
        lambda path: DepthListDataset(str(path)),
        lambda path: ImageCaptionDataset(ann_file=str(path)),
    ],
)
def test_another_encoding_is_named(tmp_path, read):
    """Chinese editors on Windows write GBK."""
    path = tmp_path / 'list.txt'
    path.write_bytes(b'a.jpg a.png\n' + '天空.jpg b.png\n'.encode('gbk'))
    with pytest.raises(ValueError, match=r'list.txt, line 2: byte 0x\w+ is no UTF-8'):
        read(path)
