import pickle

import cv2
import numpy as np
import pytest

from diffmm.mini_world.layouts.layouts import LAYOUTS
from diffmm.mini_world.scene_job import SceneJob


@pytest.mark.parametrize('name', ['ade20k', 'nyu'])
def test_makes_exactly_the_scenes_it_is_given(tmp_path, name):
    layout = LAYOUTS[name](tmp_path)
    layout.prepare()
    job = pickle.loads(pickle.dumps(SceneJob(tmp_path, name, seed=1, size=64)))
    scenes = [('train', 4), ('val', 0)]
    assert job(scenes) == 2
    assert all(layout.is_complete(*scene) for scene in scenes)
    records = sorted(path.name for path in tmp_path.glob('records/*/*.json'))
    assert records == ['00000000.json', '00000004.json']


def test_draws_in_the_style(tmp_path):
    images = []
    for style in (None, 'night'):
        root = tmp_path / str(style)
        SceneJob(root, 'ade20k', seed=1, size=64, style=style)([('val', 0)])
        path = root / 'images/validation/ADE_val_00000001.jpg'
        images.append(cv2.imread(str(path)).astype(int))
    assert np.mean(images[0]) > 1.5 * np.mean(images[1])
