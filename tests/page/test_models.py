"""The page's own models, with a tiny random perceptor in the first place."""

from __future__ import annotations

import numpy as np
import pytest

from diffmm.apis import ReferringPredictor
from diffmm.page.models import PageModels, Strengths
from tests import tiny
from tests.apis.test_referring import CONFIG
from tests.untrained import write_untrained

PICTURE = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)


@pytest.fixture(scope='module')
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp('page')
    text = CONFIG.format(arch=tiny.ARCHITECTURE, correction=(2.0, 1.0))
    return PageModels(ReferringPredictor(*write_untrained(folder, text)))


def test_the_sliders_begin_with_the_models_own_strengths(models):
    assert models.strengths == (1.0, 1.0, 2.0, 3, 1234)
    with pytest.raises(ValueError, match='fill in every field'):
        Strengths.read([1.0, 1.0, 1.0, 3, None])


def test_every_step_and_every_strength_counts(models):
    strengths = Strengths(1.0, 1.0, 1.0, 2, 0)
    plain = list(models.find(PICTURE, 'the ball', (), strengths))
    assert len(plain) == 3 and plain[-1].timestep == 0
    assert plain[-1].mask.shape == (64, 96)
    others = [
        (('the tree',), strengths),
        (('the tree',), strengths._replace(correction=3.0)),
        ((), strengths._replace(seed=1)),
        ((), strengths._replace(steps=3)),
    ]
    for corrections, other in others:
        *_, last = models.find(PICTURE, 'the ball', corrections, other)
        assert not np.array_equal(last.strength, plain[-1].strength)
    with pytest.raises(ValueError, match='is what shall be found'):
        list(models.find(PICTURE, 'the ball', ('the ball',), strengths))


def test_agent_depth_and_names(models):
    answer = models.agent(PICTURE, 'the ball', Strengths(1.0, 1.0, 1.0, 2, 0))
    assert answer.caption and len(answer.runs) == len(answer.proposal.confusers)
    assert models.depth(PICTURE).depth.shape == (64, 96)
    named = models.names(PICTURE, ['sky', 'tree'])
    assert named.classes == ('sky', 'tree')
    # A second picture, and other names, find the model there.
    probe = models._name_probe
    assert models.names(PICTURE, ['sky', 'ball']).classes == ('sky', 'ball')
    assert models._name_probe is probe
