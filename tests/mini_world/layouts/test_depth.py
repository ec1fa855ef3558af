import json

import cv2
import numpy as np
import pytest

from tests.mini_world.jpeg_round_trip import jpeg_round_trip

PARTS = {'train': ('train', 24), 'val': ('test', 12)}


@pytest.mark.parametrize('split', ['train', 'val'])
def test_nyu_dataset_reads_depth_and_room(host_dataset, worlds, render, split):
    part, count = PARTS[split]
    prefix = dict(img_path=f'images/{part}', depth_map_path=f'annotations/{part}')
    data = host_dataset('nyu', data_prefix=prefix)
    assert len(data) == count
    rooms = data.metainfo['classes']
    for number in range(count):
        name = data.get_data_info(number)['img_path']
        truth = render('nyu', split, int(name[-9:-4]))
        assert truth.scene.background.place == 'indoor'
        sample = data[number]['data_samples']
        depth = sample.gt_depth_map.data[0].numpy()
        assert np.abs(depth - truth.depth).max() <= 0.00051
        assert rooms[sample.category_id] == truth.scene.scene_type


@pytest.mark.parametrize(
    ('split', 'folder'),
    [('train', 'nyu_depth_v2/sync'), ('val', 'nyu_depth_v2/official_splits/test')],
)
def test_the_original_lists_lead_to_picture_and_depth(worlds, render, split, folder):
    part, count = PARTS[split]
    root = worlds / 'nyu'
    rows = (root / f'filenames/nyudepthv2/{part}_list.txt').read_text().splitlines()
    assert len(rows) == count
    for index, row in enumerate(rows):
        # As VPD reads it: two columns with a leading slash.
        image_name, depth_name = row.split(' ')
        assert image_name[0] == depth_name[0] == '/'
        truth = render('nyu', split, index)
        image = cv2.imread(f'{root}/{folder}{image_name}')[..., ::-1]
        assert np.array_equal(image, jpeg_round_trip(truth.image))
        path = f'{root}/{folder}{depth_name}'
        depth = cv2.imread(path, cv2.IMREAD_UNCHANGED)
        assert depth.dtype == np.uint16
        assert np.array_equal(depth, np.round(truth.depth.astype(float) * 1000))
        assert truth.scene.scene_type in image_name


def test_captions_are_found_by_the_path_of_the_list(worlds):
    root = worlds / 'nyu'
    captions = json.loads((root / 'captions/nyuv2_captions.json').read_text())
    rows = [
        row.split()[0]
        for part in ('train', 'test')
        for row in (root / f'filenames/nyudepthv2/{part}_list.txt')
        .read_text()
        .splitlines()
    ]
    assert list(captions) == rows and len(set(rows)) == 36


@pytest.mark.parametrize(('split', 'part'), [('train', 'train'), ('val', 'test')])
def test_the_lists_lead_to_picture_and_depth(worlds, render, split, part):
    root = worlds / 'kitti'
    path = root / f'filenames/eigen_benchmark/{part}_list.txt'
    rows = path.read_text().splitlines()
    assert len(rows) == {'train': 24, 'val': 12}[split]
    for index, row in enumerate(rows):
        image_name, depth_name = row.split(' ')
        assert image_name.startswith('/raw_data/2011_09_26/2011_09_26_drive_')
        assert depth_name.startswith(f'/data_depth_annotated/{split}/2011_09_26_drive_')
        truth = render('kitti', split, index)
        assert truth.scene.background.place == 'outdoor'
        image = cv2.imread(f'{root}{image_name}')[..., ::-1]
        assert np.array_equal(image, truth.image)
        units = cv2.imread(f'{root}{depth_name}', cv2.IMREAD_UNCHANGED)
        assert units.dtype == np.uint16
        found = units / 256
        near = truth.depth < 255
        assert np.abs(found - truth.depth)[near].max() <= 0.5 / 256 + 1e-6
        # The sky has no depth, and what uint16 cannot hold has none either.
        assert not found[~near].any() and (found == 0).any()
