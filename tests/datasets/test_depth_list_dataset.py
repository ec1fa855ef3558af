"""What both data sets with lists of depth maps rest on."""

from pathlib import Path

import pytest

from diffmm.datasets import DepthListDataset


class Forest(DepthListDataset):
    preparation = 'plant a tree'
    example = '/a.jpg /a.png'

    def describe(self, image, where):
        return dict(tree=Path(image).stem)


def build(root, text, **options):
    (root / 'list.txt').write_text(text)
    return Forest('list.txt', data_root=str(root), **options)


def test_a_line_becomes_a_sample(tmp_path):
    dataset = build(
        tmp_path,
        '/oak.jpg /oak.png\n\nelm.jpg elm.png 518.8\n',
        data_prefix=dict(img_path='wood'),
    )
    first, second = (dataset.get_data_info(index) for index in range(2))
    assert len(dataset) == 2
    assert first['img_path'] == str(tmp_path / 'wood/oak.jpg')
    assert second['depth_map_path'] == str(tmp_path / 'wood/elm.png')
    assert (first['tree'], second['tree']) == ('oak', 'elm')
    assert second['line'].endswith('list.txt:3') and second['seg_fields'] == []


def test_errors_say_how_to_prepare(tmp_path):
    with pytest.raises(FileNotFoundError, match='no.txt does not exist; plant a tree'):
        Forest('no.txt', data_root=str(tmp_path))
    with pytest.raises(ValueError, match='is empty; plant a tree'):
        build(tmp_path, '\n')
    with pytest.raises(ValueError, match=r"list.txt:1 must read .*, got 'oak.jpg'"):
        build(tmp_path, 'oak.jpg\n')
    dataset = build(tmp_path, 'oak.jpg oak.png\n')
    with pytest.raises(
        FileNotFoundError, match=r'oak.jpg .*list.txt:1 names it; plant'
    ):
        dataset[0]


def test_the_length_is_compared(tmp_path):
    with pytest.warns(UserWarning, match='has 1 lines, the known split has 2'):
        build(tmp_path, 'a b\n', expected_lines=2)
