from __future__ import annotations

import pytest
from mmengine.config import Config
from PIL import Image

from diffmm.datasets.captioning import find_pictures, pictures_of_config
from diffmm.datasets.captioning.pictures import open_picture
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
    file = tmp_path / 'a.png'
    file.touch()
    with pytest.raises(FileNotFoundError, match=r'a.png is a file, but its folder'):
        find_pictures(file)


def test_pictures_are_upright(tmp_path):
    turned = Image.new('RGB', (40, 30), (9, 9, 9))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / 'a.jpg', exif=exif)
    assert open_picture(tmp_path / 'a.jpg').size == (30, 40)


def test_what_is_no_picture(tmp_path):
    path = tmp_path / 'a.png'
    Image.new('I;16', (40, 30), 3000).save(path)
    with pytest.raises(ValueError, match=r'a.png cannot .*than 8 bits, a map of dep'):
        open_picture(path)
    Image.new('RGB', (40, 30)).save(path)
    whole = path.read_bytes()
    # Pillow raises another error for each: header, name of a chunk, end.
    for damaged in (
        whole[:11] + b'\0' + whole[12:],
        whole[:37] + b'\0i4@' + whole[41:],
        whole[:60],
    ):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match='a.png cannot be read as a picture'):
            open_picture(path)


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
    # As Dark Zurich's beside those of Cityscapes.
    for step in cfg.test_dataloader.dataset.pipeline:
        if step.type == 'LoadCaption':
            step.parts = 3
    with pytest.raises(
        ValueError, match=r'several rules .*parts=2,.*parts=3,.* splits'
    ):
        pictures_of_config(cfg)
    assert pictures_of_config(cfg, ['test'])[1].parts == 3


def test_configs_without_files(tmp_path):
    scenes = dict(type='MiniWorldCaptionDataset', num_scenes=1, size=64)
    path = tmp_path / 'some.py'
    path.write_text(f'train_dataloader = dict(dataset={scenes})\n')
    cfg = Config.fromfile(path)
    with pytest.raises(ValueError, match='MiniWorldCaptionDataset does not tell'):
        pictures_of_config(cfg)
    with pytest.raises(ValueError, match=r"no data loader of \['val'\]"):
        pictures_of_config(cfg, ['val'])
