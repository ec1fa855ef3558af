from __future__ import annotations

import pytest
from mmengine.config import Config

from diffmm.datasets.captioning import find_pictures, pictures_of_config
from diffmm.mini_world import generate
from tests.configs.shipped import load


def test_pictures_in_all_folders_and_nothing_else(tmp_path):
    names = ('b.JPG', 'a/c.png', 'a/d.txt', 'e.json')
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in find_pictures(tmp_path)]
    assert found == ['a/c.png', 'b.JPG']


def test_no_pictures(tmp_path):
    with pytest.raises(FileNotFoundError, match='holds no picture'):
        find_pictures(tmp_path)
    with pytest.raises(FileNotFoundError, match='gone does not exist'):
        find_pictures(tmp_path / 'gone')


def test_pictures_and_names_of_a_config(tmp_path):
    generate(tmp_path, 'cityscapes', 2, 1, size=64, seed=0)
    cfg = load('meta-prompts_mini_upernet_1xb8-400_mini-cityscapes-128x128_caption')
    for split in ('train', 'val', 'test'):
        cfg[f'{split}_dataloader'].dataset.data_root = str(tmp_path)
    pictures, key = pictures_of_config(cfg)
    assert len(pictures) == 3 and all(path.is_file() for path in pictures)
    assert {key(path).count('/') for path in pictures} == {1}
    # The test pictures are the validation pictures.
    assert pictures_of_config(cfg, ['test']) == (pictures[2:], key)


def test_configs_without_files(tmp_path):
    scenes = dict(type='MiniWorldCaptionDataset', num_scenes=1, size=64)
    path = tmp_path / 'some.py'
    path.write_text(f'train_dataloader = dict(dataset={scenes})\n')
    cfg = Config.fromfile(path)
    with pytest.raises(ValueError, match='MiniWorldCaptionDataset does not tell'):
        pictures_of_config(cfg)
    with pytest.raises(ValueError, match=r"no data loader of \['val'\]"):
        pictures_of_config(cfg, ['val'])
