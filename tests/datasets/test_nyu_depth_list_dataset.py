import warnings

import cv2
import numpy as np
import pytest
import torch
from mmengine.registry import DATASETS

from diffmm.datasets import NYUDepthListDataset
from diffmm.datasets.nyu_depth_list_dataset import find_scene

SCENES = NYUDepthListDataset.METAINFO['classes']
PIPELINE = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadMetricDepth'),
    dict(type='mmseg.PackSegInputs', meta_keys=('img_path', 'scene')),
]


def write_pair(root, scene, number, size=(6, 8)):
    folder = root / 'sync' / scene
    folder.mkdir(parents=True, exist_ok=True)
    image = np.full((*size, 3), number, np.uint8)
    depth = np.full(size, 1000 + number, np.uint16)
    cv2.imwrite(str(folder / f'rgb_{number:05d}.jpg'), image)
    cv2.imwrite(str(folder / f'sync_depth_{number:05d}.png'), depth)
    return f'/{scene}/rgb_{number:05d}.jpg /{scene}/sync_depth_{number:05d}.png'


def build(root, **options):
    config = dict(
        type='NYUDepthListDataset',
        data_root=str(root),
        data_prefix=dict(img_path='sync'),
        ann_file='list.txt',
        pipeline=PIPELINE,
    )
    return DATASETS.build({**config, **options})


def write_list(root, *rows):
    (root / 'list.txt').write_text('\n'.join(rows) + '\n')


@pytest.fixture
def root(tmp_path):
    rows = [
        write_pair(tmp_path, scene, number)
        for number, scene in enumerate(['kitchen_0028b', 'study_room_0004', 'cafe'])
    ]
    write_list(tmp_path, *rows)
    return tmp_path


def test_pictures_depth_and_scenes(root):
    dataset = build(root)
    assert len(dataset) == 3
    found = [dataset[index]['data_samples'] for index in range(3)]
    assert [sample.scene for sample in found] == ['kitchen', 'study', 'cafe']
    for number, sample in enumerate(found):
        depth = sample.gt_depth_map.data
        assert depth.shape == (1, 6, 8) and depth.dtype == torch.float32
        assert depth.numpy() == pytest.approx((1000 + number) / 1000)
        assert dataset[number]['inputs'].shape == (3, 6, 8)
    ids = [dataset.get_data_info(index)['category_id'] for index in range(3)]
    assert [SCENES[number] for number in ids] == ['kitchen', 'study', 'cafe']


def test_scenes_are_the_hosts_in_the_order_of_the_embeddings():
    from mmseg.datasets import NYUDataset

    assert tuple(NYUDataset.METAINFO['classes']) == SCENES
    assert len(SCENES) == 27 and SCENES[0] == 'printer_room'


@pytest.mark.parametrize(
    ('path', 'substring', 'exact'),
    [
        ('kitchen_0028b/rgb_00045.jpg', 'kitchen', 'kitchen'),
        ('study_room_0005a/rgb_00001.jpg', 'study', 'study_room'),
        ('office_kitchen_0001a/rgb_00001.jpg', 'kitchen', 'office_kitchen'),
        ('nyu_office_0/rgb_00001.jpg', 'office', None),
        ('home_office_0004/rgb_00001.jpg', 'home_office', 'home_office'),
        ('bathroom/rgb_00045.jpg', 'bathroom', 'bathroom'),
        ('study_room/rgb_00272.jpg', 'study', 'study_room'),
        ('garage/rgb_00001.jpg', None, None),
    ],
)
def test_policies(path, substring, exact):
    assert find_scene(path, SCENES, 'substring') == substring
    assert find_scene(path, SCENES, 'exact') == exact


@pytest.mark.parametrize('folder', ['study_room_0005a', 'nyu_office_0', 'bathroom'])
def test_exact_is_the_hosts_rule(folder, tmp_path):
    from mmseg.datasets import NYUDataset

    # As mmsegmentation's converter names the file.
    (tmp_path / f'{folder}_00045.jpg').touch()
    host = NYUDataset(data_prefix=dict(img_path=str(tmp_path)))
    number = host.get_data_info(0)['category_id']
    ours = find_scene(f'{folder}/rgb_00045.jpg', SCENES, 'exact')
    assert ours == (SCENES[number] if number >= 0 else None)


def test_an_unknown_scene_is_an_error_or_has_a_name(root):
    write_list(root, write_pair(root, 'nyu_office_0', 3))
    with pytest.raises(ValueError, match="'exact' finds none of the 27 scenes"):
        build(root, scene_policy='exact')
    dataset = build(root, scene_policy='exact', unknown_scene='unknown')
    assert dataset.get_data_info(0)['category_id'] == -1
    assert dataset[0]['data_samples'].scene == 'unknown'
    assert build(root)[0]['data_samples'].scene == 'office'


def test_the_number_of_lines_is_compared(root):
    with pytest.warns(UserWarning, match='has 3 lines, the known split has 24,231'):
        build(root, expected_lines=24231)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        build(root, expected_lines=3)
        build(root)


def test_a_missing_list_says_how_to_prepare(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'list.txt does not exist; docs/depth'):
        build(tmp_path)
    write_list(tmp_path, '')
    with pytest.raises(ValueError, match='is empty'):
        build(tmp_path)


@pytest.mark.parametrize('suffix', ['jpg', 'png'])
def test_a_missing_file_names_its_line(root, suffix):
    dataset = build(root)
    next((root / 'sync/study_room_0004').glob(f'*.{suffix}')).unlink()
    assert dataset[0]['data_samples'].scene == 'kitchen'
    with pytest.raises(FileNotFoundError, match=rf'\.{suffix} does not .*list.txt:2'):
        dataset[1]


def test_lines_with_a_focal_length_and_without_slashes(root):
    line = write_pair(root, 'cafe', 7).replace(' /', ' ')[1:] + ' 518.8579'
    write_list(root, line, '')
    dataset = build(root)
    assert len(dataset) == 1 and dataset[0]['data_samples'].scene == 'cafe'


@pytest.mark.parametrize('row', ['/cafe/rgb_0.jpg', 'a b c d'])
def test_a_malformed_line_is_quoted(root, row):
    write_list(root, write_pair(root, 'cafe', 7), row)
    with pytest.raises(ValueError, match=f"list.txt:2 must read .* got '{row}'"):
        build(root)


def test_an_unknown_policy_is_refused(root):
    with pytest.raises(ValueError, match="got 'fuzzy'"):
        build(root, scene_policy='fuzzy')
