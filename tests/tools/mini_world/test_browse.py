import warnings

import cv2
import numpy as np
import pytest

from diffmm.mini_world import generate
from diffmm.mini_world.layouts.readers import READERS, dataset_configs


@pytest.fixture(scope='module')
def browse(load_tool):
    return load_tool('mini_world/browse')


@pytest.fixture
def worlds(mini_worlds):
    return mini_worlds


@pytest.mark.parametrize('name', READERS)
def test_the_host_draws_annotations_into_the_picture(browse, worlds, name):
    config = dataset_configs(worlds)[name]
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', UserWarning)
        drawn = browse.draw_sample(config, index=1)
    dataset = browse.DATASETS.build(config)
    packed = dataset[1 % len(dataset)]
    if 'img' in packed:
        plain = packed['img'][..., ::-1].astype(int)
    else:
        plain = packed['inputs'].permute(1, 2, 0).numpy().astype(int)
        plain = plain if name == 'image_caption' else plain[..., ::-1]
    part = drawn[: plain.shape[0], : plain.shape[1]]
    changed = (np.abs(part - plain).max(-1) > 2).mean()
    if 'gt_depth_map' in packed.get('data_samples', ()):
        # The depth map is drawn below the picture.
        assert drawn.shape == (192, 96, 3) and changed == 0
        assert drawn[96:].std() > 20
    elif 'img' in packed or name == 'image_caption':
        # The class or the caption stands below the picture.
        assert len(drawn) > 96 and drawn[96:].std() > 20 and changed == 0
    else:
        assert changed > 0.005


def test_the_sheet_shows_every_layout(browse, worlds, tmp_path, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', UserWarning)
        browse.main([str(worlds), str(tmp_path / 'deep/sheet.png'), '--index', '3'])
    assert f'{len(READERS)} samples' in capsys.readouterr().out
    sheet = cv2.imread(str(tmp_path / 'deep/sheet.png'))
    assert sheet.shape[1] == 8 * 102 and sheet.shape[0] > 3 * 96


def test_a_folder_without_worlds_ends_with_a_message(browse, tmp_path):
    with pytest.raises(SystemExit, match='--layout all'):
        browse.main([str(tmp_path), str(tmp_path / 'sheet.png')])


def test_a_layout_without_a_sample_is_named(browse, tmp_path):
    generate(tmp_path, layout='coco', num_train=0, num_val=1, size=64)
    config = dataset_configs(tmp_path.parent)['coco keypoints']
    config.update(
        data_root=str(tmp_path),
        ann_file='annotations/person_keypoints_val2017.json',
    )
    with pytest.raises(ValueError, match='person_keypoints_val2017.json.*no sample'):
        browse.draw_sample(config)


def test_captions_are_broken_into_lines(browse):
    image = np.zeros((10, 100, 3), np.uint8)
    short = browse.captioned(image, 'a car')
    assert short.shape == (10 + browse.TITLE, 100, 3)
    long = browse.captioned(image, 'a car ' * 10)
    assert long.shape[0] > short.shape[0] + browse.TITLE
