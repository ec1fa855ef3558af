import json
import shutil

import cv2
import numpy as np
import pytest
import torch
from mmengine.structures import PixelData
from mmengine.utils import import_modules_from_strings
from mmseg.structures import SegDataSample

import diffmm.datasets  # noqa: F401 - registers the data sets
from diffmm.mini_world import generate
from diffmm.mini_world.checks.folder import check_folder_parts, sample_problems
from diffmm.mini_world.layouts import LAYOUTS


@pytest.fixture(autouse=True)
def hosts():
    import_modules_from_strings(['mmseg.datasets', 'mmdet.datasets', 'mmpose.datasets'])


@pytest.mark.parametrize('name', LAYOUTS)
def test_every_layout_passes_its_own_check(worlds, name):
    reports = check_folder_parts(name, worlds / name, samples=3)
    assert reports and all(each.found for each in reports)
    assert [each for each in reports if each.problems] == []


# Copies of the retrieval data sets differ in their counts: seen and unseen classes.
CLASSES = {
    'sketchy': (100, 25),
    'sketchy2': (104, 21),
    'tu_berlin': (220, 30),
    'quickdraw': (80, 30),
}


@pytest.mark.parametrize('name', sorted(set(LAYOUTS) - {'coop', 'image_caption'}))
def test_without_a_manifest_the_real_counts_are_expected(worlds, tmp_path, name):
    for path in (worlds / name).iterdir():
        if path.name not in ('records', 'mini_world.json'):
            (tmp_path / path.name).symlink_to(path)
    for report in check_folder_parts(name, tmp_path, samples=1):
        if name in CLASSES:
            unseen = not report.name.startswith(f'{name}, train')
            assert report.problems[0].endswith(f' classes, not {CLASSES[name][unseen]}')
        else:
            assert report.problems[0].endswith(f' samples, not {report.expected:,}')


@pytest.mark.parametrize('name', LAYOUTS)
def test_an_empty_folder_is_no_data_set(tmp_path, name):
    # A host's data set may take an empty folder for an empty data set.
    for report in check_folder_parts(name, tmp_path):
        assert report.problems and not report.found


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere is no folder'):
        check_folder_parts('nyu', tmp_path / 'nowhere')


@pytest.fixture
def vkitti(tmp_path):
    generate(tmp_path, 'vkitti2', num_train=3, num_val=2, size=64)
    return tmp_path


def problems(root, layout='vkitti2', **options):
    reports = check_folder_parts(layout, root, **options)
    return [problem for each in reports for problem in each.problems]


@pytest.mark.parametrize('workers', [1, 2])
def test_damage_is_named_with_its_file(vkitti, workers):
    assert problems(vkitti) == []
    folder = vkitti / 'depth/Scene02/clone/frames/depth/Camera_0'
    (folder / 'depth_00000.png').write_bytes(b'half')
    (folder / 'depth_00001.png').unlink()
    far = np.full((64, 64), 65535, np.uint16)
    cv2.imwrite(str(folder / 'depth_00002.png'), far)
    first, second, third = problems(vkitti, workers=workers)
    assert 'sample 0: ' in first and 'depth_00000.png is no readable image' in first
    assert second.endswith('depth_00001.png does not exist')
    assert 'sample 2: ' in third and 'no depth between 1e-05 and 80 m' in third


def test_another_number_of_samples_is_named(vkitti):
    path = vkitti / 'filenames/vkitti_train.txt'
    path.write_text(path.read_text().partition('\n')[0])
    assert problems(vkitti) == ['1 samples, not 3']
    path.unlink()
    (problem,) = problems(vkitti)
    assert 'vkitti_train.txt does not exist; docs/datasets.md' in problem


def test_splits_of_no_scene_are_not_checked(tmp_path):
    generate(tmp_path, 'nyu', num_train=0, num_val=2, size=64)
    (report,) = check_folder_parts('nyu', tmp_path)
    assert (report.name, report.found, report.expected) == ('nyu, val', 2, 2)


def test_a_damaged_manifest_is_an_error(vkitti):
    manifest = vkitti / 'mini_world.json'
    manifest.write_text(json.dumps({}))
    with pytest.raises(ValueError, match='not a manifest'):
        problems(vkitti)


def test_labels_and_sizes_must_fit():
    def sample(labels):
        data = torch.tensor(labels)[None]
        packed = SegDataSample(gt_sem_seg=PixelData(data=data))
        return dict(inputs=torch.zeros(3, 1, 4), data_samples=packed)

    info = dict(classes=('a', 'b'))
    assert list(sample_problems(sample([[0, 1, 255, 65535]]), info)) == []
    assert list(sample_problems(sample([[0, 1, 2, 300]]), info)) == [
        'labels [2, 300], but there are 2 classes'
    ]
    (problem,) = sample_problems(sample([[0, 1, 1]]), info)
    assert problem.startswith('the picture is (1, 4) and its map (1, 3)')


def test_another_layouts_folder_is_refused(vkitti, tmp_path_factory):
    other = tmp_path_factory.mktemp('other')
    shutil.copytree(vkitti, other, dirs_exist_ok=True)
    for report in check_folder_parts('hypersim', other):
        assert 'filename_list' in report.problems[0]
