"""TADP's experiments: they fit together, train, predict and survive."""

from __future__ import annotations

import pytest
from mmengine.registry import TRANSFORMS

from tests.configs.networks import (
    assert_step_reaches_every_parameter,
    feature_info,
    predicts_the_same_after_reloading,
    shrink,
)
from tests.configs.shipped import is_mini, load, names

# `test_tadp_detection.py` has the detectors, `test_tadp_domains.py` other targets.
ELSEWHERE = ('faster-rcnn', '-to-')
ALL = [n for n in names('tadp') if not any(part in n for part in ELSEWHERE)]
# Minis differ from these in sizes; `test_channels_fit` builds every one.
SIZES = ('128x128', '96x96')
NETWORKS = [name for name in ALL if not is_mini(name) or name.endswith(SIZES)]
CAPTIONED = {
    'ade20k': 'ADE_train_00000001.jpg',
    'voc12': '2007_000027',
    'nyu': '/kitchen_0028b/rgb_00045.jpg',
}


@pytest.mark.parametrize('name', ALL)
def test_channels_fit(name):
    """Neck or head gets what the backbone promises."""
    cfg = load(name)
    info = feature_info(cfg)
    channels = [level.channels for level in info]
    assert channels == cfg.model.get('neck', cfg.model.decode_head).in_channels
    assert [level.stride for level in info] == [8, 16, 32, 64]


@pytest.mark.parametrize('name', NETWORKS)
def test_training_step_reaches_every_parameter(name):
    assert_step_reaches_every_parameter(shrink(load(name)))


@pytest.mark.parametrize('name', NETWORKS)
def test_checkpoint_predicts_an_unlabelled_jpeg(name, tmp_path):
    """A saved and reloaded model gives the same picture of a file without labels."""
    assert predicts_the_same_after_reloading(shrink(load(name)), tmp_path)


def steps(cfg):
    """Types of the steps of all pipelines that a config runs."""
    pipelines = [
        cfg[f'{part}_dataloader'].dataset.pipeline for part in ('train', 'val', 'test')
    ]
    if cfg.get('tta_pipeline') and cfg.model.test_cfg.mode == 'slide':
        load, *rest = cfg.tta_pipeline
        *between, augment = rest
        last = [step for group in augment.transforms[2:] for step in group]
        pipelines.append([load, *between, *last])
    return pipelines


@pytest.mark.parametrize('name', ALL)
def test_every_pipeline_makes_and_packs_the_text(name):
    cfg = load(name)
    key = cfg.model.data_preprocessor.get('text_key')
    maker = dict(
        caption='LoadCaption', oracle_caption='OracleCaption', scene='LoadImageFromFile'
    )
    for pipeline in steps(cfg):
        types = [step['type'] for step in pipeline]
        if key is None:
            assert not {'LoadCaption', 'OracleCaption'} & set(types)
        else:
            assert maker[key] in types
            assert key in pipeline[-1]['meta_keys']
        if 'RandomCrop' in types and key == 'oracle_caption':
            assert types.index('OracleCaption') < types.index('RandomCrop')


@pytest.mark.parametrize('name', ALL)
def test_captions_are_looked_up_by_the_names_of_the_released_files(name):
    cfg = load(name)
    for pipeline in steps(cfg):
        for step in pipeline:
            if step['type'] != 'LoadCaption':
                continue
            (key,) = [key for part, key in CAPTIONED.items() if part in name]
            loader = TRANSFORMS.build(dict(step))
            path = f'/data/x{"" if key[0] == "/" else "/"}{key}'
            path += '' if path.endswith('.jpg') else '.jpg'
            assert loader.key(path) == key


@pytest.mark.parametrize('name', [name for name in ALL if not is_mini(name)])
def test_names_tell_the_length_of_the_captions(name):
    """TADP-40 at full length, 20 and 0 on fast schedules, unless the name says it."""
    cfg = load(name)
    wanted = {'80k': 40, '8k': 20, '4k': 20, '15e': 40, '25e': 40, '1e': 0}
    length = wanted[name.split('_')[3].split('-')[-1]]
    for part in (0, 20):
        length = part if f'_min-{part}' in name else length
    length = 20 if name.endswith('_nouns') else length
    files = {
        step['ann_file']
        for pipeline in steps(cfg)
        for step in pipeline
        if step['type'] == 'LoadCaption'
    }
    if cfg.model.data_preprocessor.get('text_key') == 'caption':
        (file,) = files
        assert file.endswith(f'_min={length}_max=77.json')
    else:
        assert not files
