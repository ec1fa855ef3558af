import cv2
import numpy as np
import pytest

from diffmm.mini_world.layouts.zero_shot_depth import DiodeLayout, HypersimLayout
from tests.mini_world.jpeg_round_trip import jpeg_round_trip


@pytest.mark.parametrize(
    ('name', 'split', 'place', 'sky', 'step'),
    [
        ('hypersim', 'train', 'indoor', 0, 1e-3),
        ('vkitti2', 'train', 'outdoor', 655.35, 1e-2),
        ('eth3d', 'val', None, 0, 0),
        ('scannet', 'val', 'indoor', 0, 1e-3),
        ('diode', 'val', None, 0, 0),
    ],
)
def test_depth_is_that_of_the_scene(
    host_dataset, render, name, split, place, sky, step
):
    data = host_dataset(name)
    low, high = data.metainfo['depth_range']
    places = set()
    for index in range(len(data)):
        depth = data[index]['data_samples'].gt_depth_map.data[0].numpy()
        truth = render(name, split, index)
        places.add(truth.scene.background.place)
        known = truth.depth > 0
        error = np.abs(depth - truth.depth)[known].max()
        assert error <= step / 2 + 1e-5 and depth.dtype == np.float32
        assert np.allclose(depth[~known], sky)
        assert low < depth[known].min() and depth[known].max() < high
    assert places == ({place} if place else {'indoor', 'outdoor'})


@pytest.mark.parametrize(
    ('name', 'split', 'file', 'folder', 'lossless'),
    [
        ('hypersim', 'train', 'filename_list_train_filtered', 'train', True),
        ('hypersim', 'val', 'filename_list_val_filtered', 'val', True),
        ('vkitti2', 'train', 'vkitti_train', '.', False),
        ('vkitti2', 'val', 'vkitti_val', '.', False),
        ('eth3d', 'val', 'eth3d_filename_list', '.', False),
        (
            'scannet',
            'val',
            'scannet_val_sampled_list_800_1',
            'scannet_val_sampled_800_1',
            False,
        ),
        ('diode', 'val', 'diode_val_all_filename_list', 'val', True),
    ],
)
def test_a_list_names_the_pictures_in_their_order(
    worlds, render, name, split, file, folder, lossless
):
    rows = (worlds / name / f'filenames/{file}.txt').read_text().splitlines()
    assert len(rows) == {'train': 24, 'val': 12}[split]
    files = [path for row in rows for path in row.split(' ')]
    assert len(set(files)) == len(files) == len(rows) * (3 if name == 'diode' else 2)
    for path in files:
        assert not path.startswith('/') and (worlds / name / folder / path).is_file()
    for index in (0, len(rows) - 1):
        image = cv2.imread(str(worlds / name / folder / rows[index].split(' ')[0]))
        truth = render(name, split, index).image
        expected = truth if lossless else jpeg_round_trip(truth)
        assert np.array_equal(image[..., ::-1], expected)


def test_unknown_depth_is_what_each_data_set_makes_of_it(worlds, render):
    """The sky is infinite in ETH3D and not known in DIODE."""
    seen = 0
    for index in range(12):
        truth = render('eth3d', 'val', index).depth
        rows = (worlds / 'eth3d/filenames/eth3d_filename_list.txt').read_text()
        path = rows.splitlines()[index].split(' ')[1]
        found = np.fromfile(worlds / 'eth3d' / path, '<f4').reshape(truth.shape)
        assert np.array_equal(np.isinf(found), truth == 0)
        truth = render('diode', 'val', index).depth
        rows = (worlds / 'diode/filenames/diode_val_all_filename_list.txt').read_text()
        _, depth, mask = rows.splitlines()[index].split(' ')
        depth = np.load(worlds / 'diode/val' / depth)
        mask = np.load(worlds / 'diode/val' / mask)
        assert depth.shape == (*truth.shape, 1) and depth.dtype == np.float32
        assert np.array_equal(depth[..., 0], truth)
        assert np.array_equal(mask, truth > 0) and mask.dtype == np.float32
        seen += (truth == 0).sum()
    assert seen > 0


@pytest.mark.parametrize(
    ('layout', 'split', 'numbers', 'last'),
    [
        (HypersimLayout, 'train', (0, 99, 100, 12_345), 'ai_001_124/rgb_cam_00_fr0045'),
        (DiodeLayout, 'val', (0, 999, 1000, 12_345), '00021_00201_indoors_345'),
    ],
)
def test_names_stay_apart_in_large_worlds(
    render, tmp_path, layout, split, numbers, last
):
    """A camera has 100 frames, a scan 1000 views."""
    rendered = render('hypersim', 'train', 0)
    found = [layout(tmp_path).scene_files(rendered, split, each) for each in numbers]
    rows = [each.record['row'] for each in found]
    assert len(set(rows)) == len(rows) and last in rows[-1]
