from __future__ import annotations

from pathlib import Path

import pytest
from mmcv.image import rescale_size
from mmengine.config import Config
from mmengine.registry import DATASETS

from diffmm.own_data import DataError, Request
from diffmm.own_data.depth_estimation import (
    new_depth_estimation,
    set_depth,
    write_depth_list,
)
from diffmm.own_data.experiment import base_config
from diffmm.own_data.pictures import Picture


def read_back(tmp_path, pairs):
    """Picture and depth map as training finds them through the list."""
    config = write_depth_list(pairs, tmp_path / 'new' / 'list.txt')
    rows = DATASETS.build(config).load_data_list()
    return [(Path(row['img_path']), Path(row['depth_map_path'])) for row in rows]


@pytest.mark.parametrize(
    ('image', 'depth'),
    [
        ('my photos/照片 1.jpg', 'my depth/照片 1_depth.png'),
        ('a.jpg', 'a_depth.png'),
        ('../a.jpg', '../depth/a.png'),
        ('/one/a.jpg', '/two/a.png'),
        ('a/#1.jpg', 'a/b/c/#1.png'),
    ],
)
def test_a_list_leads_to_its_files(tmp_path, monkeypatch, image, depth):
    monkeypatch.chdir(tmp_path)
    pairs = {Picture(Path(image), 96, 72): Path(depth)}
    ((found, depth_found),) = read_back(tmp_path, pairs)
    assert found.resolve() == Path(image).resolve()
    assert depth_found.resolve() == Path(depth).resolve()


def test_files_of_two_kinds_of_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pairs = {
        Picture(Path('a/1.jpg'), 96, 72): tmp_path / 'b/1.png',
        Picture(Path('a/2.jpg'), 96, 72): Path('b/2.png'),
    }
    found = read_back(tmp_path, pairs)
    assert found == [
        (tmp_path / f'a/{number}.jpg', tmp_path / f'b/{number}.png')
        for number in (1, 2)
    ]


@pytest.mark.parametrize(
    ('name', 'depth'),
    [
        ('a\tb.jpg', 'a.png'),
        ('a\nb.jpg', 'a.png'),
        ('a\r.jpg', 'a.png'),
        ('a\u2028b.jpg', 'a.png'),
        (' a/b.jpg', 'a.png'),
        ('a.jpg', 'a.png '),
    ],
)
def test_a_name_that_a_list_cannot_hold_is_refused(tmp_path, name, depth):
    pairs = {Picture(Path(name), 96, 72): Path(depth)}
    refused = 'no tabs, line breaks or blanks at the ends, but .* has'
    with pytest.raises(DataError, match=refused) as no:
        write_depth_list(pairs, tmp_path / 'list.txt')
    assert repr(f'{name}\t{depth}') in str(no.value)
    assert not (tmp_path / 'list.txt').exists()


@pytest.fixture
def estimate(photos, tmp_path):
    """Makes an experiment of the photos, which end at 1.5 to 6 meters."""

    def run(**options):
        request = Request(
            tmp_path / 'c.py', photos / 'images', photos / 'depth', **options
        )
        return new_depth_estimation(request), Config.fromfile(request.config)

    return run


def test_what_was_found_is_said(estimate):
    lines, cfg = estimate()
    assert (
        lines[0] == 'train: 9 pictures, 1.50 to 6.00 m, depth of 100.0% of the pixels'
    )
    assert lines[1].startswith('val: 1 picture, ')
    assert lines[2] == 'largest depth of the model: 6 m'
    prompt = cfg.model.backbone.prompt
    assert prompt.type == 'ClassNamePrompt' and prompt.classes == ['scene']


def test_the_users_range_unit_and_scene_are_taken(estimate):
    lines, cfg = estimate(max_depth=9.5, units_per_meter=500, scene='厨房')
    assert lines[0].startswith('train: 9 pictures, 3.00 to 12.00 m')
    assert lines[2] == 'largest depth of the model: 9.5 m'
    assert cfg.model.decode_head.max_depth == cfg.val_evaluator.max_depth_eval == 9.5
    assert cfg.model.backbone.prompt.classes == ['厨房']
    (load,) = [step for step in cfg.test_pipeline if step.type == 'LoadMetricDepth']
    assert load.depth_rescale_factor == 1 / 500


def set_sizes(system, sizes, prior='mini'):
    cfg = base_config('depth', system, prior)
    set_depth(cfg, system, prior, {}, {}, sizes, 1000.0, 10.0, 'scene', [None, None])
    return cfg.train_dataloader.dataset.pipeline


@pytest.mark.parametrize(
    'sizes', [[(96, 72)], [(72, 96)], [(64, 64)], [(64, 3000), (96, 72)]]
)
def test_the_window_fits_into_every_picture(sizes):
    """A long picture is not made so small that its window would be padded."""
    steps = {step.type: step for step in set_sizes('tadp', sizes)}
    for size in sizes:
        assert min(rescale_size(size, steps['Resize'].scale)) == 128
    assert steps['RandomCrop'].crop_size == (96, 96)


@pytest.mark.parametrize(
    ('sizes', 'scale'),
    [
        ([(96, 72)], (128, 96)),
        ([(72, 96)], (96, 128)),
        ([(70, 70)], (128, 128)),
        # The VAE takes multiples of 8, the UNet 64 pixels at least.
        ([(100, 77)], (128, 96)),
        ([(3000, 64)], (128, 64)),
        # Most have the middle one's shape.
        ([(72, 96), (96, 72), (96, 72)], (128, 96)),
    ],
)
def test_marigolds_pictures_get_one_size(sizes, scale):
    steps = {step.type: step for step in set_sizes('marigold', sizes)}
    assert steps['NearestExactResize'].scale == scale
