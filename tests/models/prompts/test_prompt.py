import pytest
import torch

from diffmm.models.prompts import Prompt
from tests import tiny


class Constant(Prompt):
    """The least that a prompt must have."""

    names = ('one', 'two')

    def forward(self, batch_size):
        return torch.ones(batch_size, 2, self.width)


def test_a_prompt_must_make_a_context():
    with pytest.raises(TypeError, match='forward'):
        Prompt(8)


def test_defaults():
    prompt = Constant(8)
    assert prompt(3).shape == (3, 2, 8)
    maps = torch.rand(1, 2, 4, 4)
    assert prompt.pool_maps(maps) is maps


def test_nothing_is_encoded_unless_a_prompt_has_text():
    """The text encoder is not even built."""
    Constant(8).encode(lambda: pytest.fail('the text encoder was built'))


def test_one_context_serves_all_refinement_steps():
    prompt = Constant(8)
    assert prompt.num_steps is None
    context = prompt(3)
    assert prompt.at_step(context, 2) is context


@pytest.mark.parametrize('num_steps', [None, 3])
def test_contexts_for_these_steps(num_steps):
    prompt = Constant(8)
    prompt.num_steps = num_steps
    prompt.check_steps(3)


@pytest.mark.parametrize('num_steps', [1, 2, 4])
def test_contexts_for_other_steps_are_quoted(num_steps):
    """Also by the backbone, before anything runs."""
    prompt = dict(type='MetaPrompts', num_prompts=2, num_steps=num_steps)
    message = f'num_steps={num_steps}, the backbone refinement_steps=3'
    with pytest.raises(ValueError, match=message):
        tiny.build_backbone(prompt=prompt, refinement_steps=3)
