from __future__ import annotations

import numpy as np
import pytest
import torch

from diffmm.diffusion import load_architecture
from diffmm.evaluation.word_grounding import (
    WordGrounding,
    mentions,
    roc_auc,
    score_maps,
)
from tests import tiny

CAPTION = 'Two Trees, a box and a careful tree under the sky'
NAMES = ('tree', 'sky', 'car', 'box')


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tiny.write_folder(tmp_path_factory.mktemp('weights'))


def build(folder, **options):
    return WordGrounding(str(folder), load_architecture(tiny.ARCHITECTURE), **options)


def test_mentions_are_token_positions():
    # <start> two trees , a box and a careful tree under the sky <end>
    assert mentions(CAPTION, 'tree') == [2, 9]
    assert mentions(CAPTION, 'box') == [5]
    assert mentions(CAPTION, 'sky') == [12]
    assert mentions(CAPTION, 'car') == []


def test_maps_are_probabilities_of_the_mentions(folder):
    grounding = build(folder)
    image = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    latents = grounding.latents(image)
    assert latents.shape == (1, 4, 16, 16)
    maps = grounding.caption_maps(latents, CAPTION, NAMES)
    assert list(maps) == ['tree', 'sky', 'box']
    assert all(m.shape == (16, 16) and m.min() > 0 for m in maps.values())
    total = sum(grounding.class_maps(latents, NAMES).values())
    torch.testing.assert_close(total, torch.ones(16, 16))


def test_random_weights_replace_the_unet_alone(folder):
    trained, random = build(folder), build(folder, random_unet=3)
    again = build(folder, random_unet=3)
    key = 'conv_in.weight'
    states = [model.unet.state_dict()[key] for model in (trained, random, again)]
    assert torch.equal(states[1], states[2]) and not torch.equal(*states[:2])
    image = np.zeros((64, 64, 3), np.uint8)
    assert torch.equal(trained.latents(image), random.latents(image))


def test_scores_of_own_and_of_other_maps():
    left = torch.zeros(8, 8)
    left[:, :4] = 1
    masks = {
        'tree': np.arange(32)[None].repeat(32, 0) < 16,
        'sky': np.arange(32)[None].repeat(32, 0) >= 16,
        'car': np.arange(32)[:, None].repeat(32, 1) < 4,
    }
    scores = score_maps({'tree': left, 'sky': -left}, masks)
    assert [name for name, _, _ in scores] == ['tree', 'sky']
    for _, own, other in scores:
        assert own == pytest.approx(1, abs=0.01)
        assert other == pytest.approx(0, abs=0.01)
    assert score_maps({'tree': left}, masks) == [
        ('tree', pytest.approx(1, abs=0.01), None)
    ]


@pytest.mark.parametrize(
    'scores, positive, expected',
    [
        ([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], 1.0),
        ([0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0], 0.0),
        ([0.5, 0.5, 0.5, 0.5], [0, 1, 0, 1], 0.5),
        ([0.1, 0.5, 0.5, 0.9], [0, 1, 0, 1], 0.875),
    ],
)
def test_known_areas(scores, positive, expected):
    assert roc_auc(np.array(scores), np.array(positive, bool)) == expected


def test_it_is_the_probability_of_the_right_order():
    rng = np.random.default_rng(0)
    positive = rng.random((20, 20)) < 0.2
    scores = rng.integers(0, 30, (20, 20)) + 5 * positive
    pairs = scores[positive][:, None] - scores[~positive][None]
    expected = (pairs > 0).mean() + 0.5 * (pairs == 0).mean()
    assert roc_auc(scores, positive) == pytest.approx(expected)


def test_one_kind_alone_has_no_area():
    with pytest.raises(ValueError, match='got 3 and 0'):
        roc_auc(np.arange(3.0), np.ones(3, bool))
    with pytest.raises(ValueError, match=r'\(3,\) and positive \(4,\)'):
        roc_auc(np.arange(3.0), np.ones(4, bool))


def test_a_timestep_that_the_schedule_lacks_is_refused(folder):
    with pytest.raises(ValueError, match='timestep must be from 0 to 999, got -5'):
        build(folder, timestep=-5)
