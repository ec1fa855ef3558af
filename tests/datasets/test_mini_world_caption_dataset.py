import numpy as np
import pytest
import torch
from mmengine.registry import DATASETS

from diffmm.mini_world import (
    Renderer,
    SceneSampler,
    name_style,
    stylize,
    write_captions,
    write_plain_caption,
)


def build(**options):
    config = dict(type='MiniWorldCaptionDataset', num_scenes=4, seed=7, size=64)
    return DATASETS.build(config | options)


def test_items_are_the_scenes_of_the_seed():
    dataset = build(split='val')
    assert len(dataset) == 4
    scene = SceneSampler(7).sample('val', 2)
    item = dataset[2]
    assert item['inputs'].dtype == torch.uint8
    expected = Renderer(64).render(scene).image
    np.testing.assert_array_equal(item['inputs'].permute(1, 2, 0), expected)
    assert item['data_samples'].captions == write_captions(scene)
    assert torch.equal(build(split='val')[2]['inputs'], item['inputs'])
    assert not torch.equal(build(split='train')[2]['inputs'], item['inputs'])


def test_it_ends():
    with pytest.raises(IndexError, match='scene 4 of 4'):
        build()[4]
    with pytest.raises(ValueError, match='at least 1, got 0'):
        build(num_scenes=0)


def test_styles_come_in_their_shares_and_captions_name_them():
    dataset = build(num_scenes=60, styles=dict(day=0.5, night=0.25, comic=0.25))
    assert dataset[3]['data_samples'].style == dataset[3]['data_samples'].style
    styles = [dataset[index]['data_samples'].style for index in range(60)]
    assert 20 <= styles.count('day') <= 40 and {*styles} == {'day', 'night', 'comic'}
    renderer, sampler = Renderer(64), SceneSampler(7)
    for index in range(6):
        item, scene = dataset[index], sampler.sample('train', index)
        expected = stylize(renderer.render(scene), styles[index])
        np.testing.assert_array_equal(item['inputs'].permute(1, 2, 0), expected)
        plain = write_captions(scene)
        if styles[index] == 'day':
            assert item['data_samples'].captions == plain
        else:
            captions = item['data_samples'].captions
            assert captions[0] == name_style(plain[0], styles[index]) != plain[0]
            assert len(captions) == len(plain) - 1
            assert not any('photo of a photo' in caption for caption in captions)


def test_plain_captions_are_one_a_scene():
    dataset = build(plain_captions=True, styles=dict(fog=1.0))
    caption = write_plain_caption(SceneSampler(7).sample('train', 1))
    assert dataset[1]['data_samples'].captions == [f'a foggy photo of {caption}']


def test_kept_images_are_drawn_once(monkeypatch):
    dataset, fresh = build(keep_images=True), build()
    first = dataset[2]
    monkeypatch.setattr(dataset, '_draw', None)
    assert torch.equal(dataset[2]['inputs'], first['inputs'])
    assert torch.equal(fresh[2]['inputs'], first['inputs'])


@pytest.mark.parametrize(
    'styles', [dict(day=0.5), dict(noon=1.0), dict(day=1.5, night=-0.5)]
)
def test_bad_styles(styles):
    with pytest.raises(ValueError, match='styles must give each of some of'):
        build(styles=styles)
