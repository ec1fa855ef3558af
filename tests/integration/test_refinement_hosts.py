"""Three passes behind a segmentor, a detector and a pose estimator of the hosts."""

from __future__ import annotations

import pytest
from mmengine.config import Config

from diffmm.testing import run_one_step
from tests.integration.experiment import DETECTION, MINI, POSE

NUM_PROMPTS = 16


def refining(path, checked):
    """The config with learned prompts and three passes; nothing else is changed."""
    cfg = Config.fromfile(path)
    backbone = cfg.model.backbone
    backbone.prompt = dict(type='MetaPrompts', num_prompts=NUM_PROMPTS)
    backbone.update(pretrained=None, refinement_steps=3, learned_timesteps=True)
    if checked:
        neck = dict(type='RecurrentRefinementNeck', num_steps=3, neck=cfg.model.neck)
        cfg.model.neck = neck
    return cfg


@pytest.mark.parametrize('checked', [True, False], ids=['refinement neck', 'own neck'])
@pytest.mark.parametrize('path', [MINI, DETECTION, POSE], ids=lambda path: path.stem)
def test_it_trains_without_unused_parameters_and_predicts(path, checked):
    """Whether or not a neck says how many passes there are."""
    cfg = refining(path, checked)
    # The segmentor reads attention maps, as many as it had class names.
    assert bool(cfg.model.backbone.get('attention')) == (path == MINI)
    result = run_one_step(cfg, 128)
    assert result.parameters_without_gradient == ()
    assert result.predictions == 2
