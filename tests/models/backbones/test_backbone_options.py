from types import SimpleNamespace

import pytest

from diffmm.models.backbones.backbone_options import check_options, check_prompt_steps
from tests import tiny

GOOD = dict(latent_sampling='mode', vae_dtype='float32', timestep=1, refinement_steps=1)


def test_good_options():
    for timestep in (0, 999):
        check_options(**GOOD | dict(timestep=timestep, refinement_steps=3))


@pytest.mark.parametrize(
    'name, value, message',
    [
        ('latent_sampling', 'mean', "latent_sampling must be one of .*got 'mean'"),
        ('vae_dtype', 'int8', "vae_dtype must be one of .*got 'int8'"),
        ('timestep', 1000, r'in \[0, 1000\), got 1000'),
        ('timestep', -1, r'in \[0, 1000\), got -1'),
        ('refinement_steps', 0, 'refinement_steps must be at least 1, got 0'),
    ],
)
def test_bad_options_are_quoted(name, value, message):
    with pytest.raises(ValueError, match=message):
        check_options(**GOOD | {name: value})


@pytest.mark.parametrize('num_steps', [None, 3])
def test_prompts_for_these_steps(num_steps):
    check_prompt_steps(SimpleNamespace(num_steps=num_steps), 3)


@pytest.mark.parametrize('num_steps', [1, 2, 4])
def test_prompts_for_other_steps_are_quoted(num_steps):
    """Also by the backbone, before anything runs."""
    prompt = dict(type='MetaPrompts', num_prompts=2, num_steps=num_steps)
    message = f'num_steps={num_steps}, the backbone refinement_steps=3'
    with pytest.raises(ValueError, match=message):
        tiny.build_backbone(prompt=prompt, refinement_steps=3)
