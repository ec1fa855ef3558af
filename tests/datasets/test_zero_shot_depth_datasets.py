import pytest
from mmengine.registry import DATASETS

from diffmm.datasets import DIODEDataset, HypersimDataset

KINDS = (
    'HypersimDataset',
    'VirtualKITTI2Dataset',
    'ETH3DDataset',
    'ScanNetDepthDataset',
)


def write(root, text):
    (root / 'list.txt').write_text(text)
    return dict(ann_file='list.txt', data_root=str(root))


@pytest.mark.parametrize('kind', KINDS)
def test_a_line_of_the_real_list_is_read(tmp_path, kind):
    config = write(tmp_path, f'{DATASETS.get(kind).example}\n')
    dataset = DATASETS.build(dict(type=kind, **config))
    image, depth = DATASETS.get(kind).example.split()
    info = dataset.get_data_info(0)
    assert info['img_path'] == str(tmp_path / image)
    assert info['depth_map_path'] == str(tmp_path / depth)
    low, high = dataset.metainfo['depth_range']
    assert 0 < low < high


def test_diode_has_masks(tmp_path):
    folder = dict(data_prefix=dict(img_path='val'))
    config = write(tmp_path, 'indoors/a.png indoors/a_depth.npy indoors/a_mask.npy\n')
    info = DIODEDataset(**config, **folder).get_data_info(0)
    assert info['depth_mask_path'] == str(tmp_path / 'val/indoors/a_mask.npy')
    with pytest.raises(ValueError, match=r"list.txt:1 must read .*, got 'a.png b.npy'"):
        DIODEDataset(**write(tmp_path, 'a.png b.npy\n'))


def test_a_missing_mask_is_named(tmp_path):
    for name in 'ab':
        (tmp_path / name).touch()
    dataset = DIODEDataset(**write(tmp_path, 'a b c\n'))
    with pytest.raises(FileNotFoundError, match='c does not exist, but .*list.txt:1'):
        dataset[0]


def test_the_length_is_compared_and_the_guide_named(tmp_path):
    with pytest.warns(UserWarning, match='1 lines, the known split has 53,885'):
        HypersimDataset(**write(tmp_path, 'a b\n'), expected_lines=53885)
    with pytest.raises(FileNotFoundError, match=r'docs/datasets.md says how'):
        HypersimDataset('none.txt', data_root=str(tmp_path))
