"""TADP across domains: texts, words and weights of its configs, and that it runs."""

from __future__ import annotations

import re

import pytest
from mmengine.registry import TRANSFORMS

from diffmm.datasets.transforms.target_domain_text import DOMAINS, MODIFIERS
from tests.configs.networks import (
    assert_step_reaches_every_parameter,
    feature_info,
    predicts_the_same_after_reloading,
    shrink,
)
from tests.configs.shipped import is_mini, load, names

ALL = names('tadp', '-to-')
SEGMENTATION = [name for name in ALL if '_fpn_' in name]
# Part of a config's name: the domain, a name in its caption file, the picture.
TARGETS = {
    'dark-zurich': (
        'night',
        'night/GOPR0356/GOPR0356_frame_000375_rgb_anon.png',
        'rgb_anon/val/night/GOPR0356/GOPR0356_frame_000375_rgb_anon.png',
    ),
    'nighttime-driving': (
        'night',
        'night/0_frame_1824_leftImg8bit.png',
        'leftImg8bit/test/night/0_frame_1824_leftImg8bit.png',
    ),
    'fog': (
        'fog',
        'a/a_0_0_leftImg8bit.png',
        'leftImg8bit/val/a/a_0_0_leftImg8bit.png',
    ),
    'watercolor2k': ('watercolor', '123456', 'watercolor/JPEGImages/123456.jpg'),
    'comic2k': ('comic', '123456', 'comic/JPEGImages/123456.jpg'),
}
SOURCES = {
    'cityscapes': (
        'aachen/aachen_000000_000019_leftImg8bit.png',
        'leftImg8bit/train/aachen/aachen_000000_000019_leftImg8bit.png',
    ),
    'voc0712': ('2008_000002', 'VOC2012/JPEGImages/2008_000002.jpg'),
}


def find(table, name):
    """The entry whose key is a part of a config's name."""
    (found,) = [value for key, value in table.items() if key in name]
    return found


def modifier_of(name):
    """What the end of a config's name says; without one it is null."""
    _, _, modifier = re.split('(x512|x128)', name)
    return modifier.removeprefix('_').replace('-', '_') or 'null'


def steps(cfg, part, kind):
    """The steps of a kind in the pipelines of a data loader."""
    dataset = cfg[f'{part}_dataloader'].dataset
    datasets = dataset.get('datasets', [dataset])
    return [step for each in datasets for step in each.pipeline if step['type'] == kind]


def test_every_domain_has_every_text():
    found = {(find(TARGETS, name)[0], modifier_of(name)) for name in ALL}
    assert found == {(domain, text) for domain in DOMAINS for text in MODIFIERS}


@pytest.mark.parametrize('name', ALL)
def test_texts_words_and_weights(name):
    cfg = load(name)
    domain, key, picture = find(TARGETS, name)
    modifier = modifier_of(name)
    wanted = dict(type='TargetDomainText', domain=domain, modifier=modifier)
    # Released: in segmentation in training too, in detection at test only.
    trained = steps(cfg, 'train', 'TargetDomainText')
    assert trained == ([wanted] if name in SEGMENTATION else [])
    for part in ('val', 'test'):
        assert steps(cfg, part, 'TargetDomainText') == [wanted]
        (caption,) = steps(cfg, part, 'LoadCaption')
        assert TRANSFORMS.build(dict(caption)).key(f'/data/{picture}') == key
    key, picture = find(SOURCES, name)
    for caption in steps(cfg, 'train', 'LoadCaption'):
        assert TRANSFORMS.build(dict(caption)).key(f'/data/{picture}') == key

    folder = 'pretrained/mini_' if is_mini(name) else 'pretrained/'
    backbone = cfg.model.backbone
    if modifier == 'textual_inversion':
        (word,) = backbone.learned_words
        file = f'{folder}textual_inversion/{domain}/learned_embeds.safetensors'
        assert word == file and f'<{domain}>' in DOMAINS[domain][modifier]
    else:
        assert 'learned_words' not in backbone
    if modifier == 'dreambooth':
        assert backbone.pretrained == f'{folder}dreambooth/{domain}'
    elif is_mini(name):
        assert backbone.pretrained == 'pretrained/mini-styles'


@pytest.mark.parametrize('name', [name for name in ALL if modifier_of(name) == 'null'])
def test_channels_fit(name):
    cfg = load(name)
    assert [level.channels for level in feature_info(cfg)] == cfg.model.neck.in_channels


def test_a_network_trains_and_survives(tmp_path):
    """One of them: the others differ in texts, words and weights."""
    name = 'tadp_sd15_fpn_2xb1-40k_cityscapes-to-dark-zurich-512x512_simple'
    assert_step_reaches_every_parameter(shrink(load(name)))
    assert predicts_the_same_after_reloading(shrink(load(name)), tmp_path)
