import numpy as np
import pytest
import torch
from mmengine.registry import DATASETS

from diffmm.mini_world import Renderer, SceneSampler, write_captions


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
