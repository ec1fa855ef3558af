from __future__ import annotations

import pytest
import torch
from mmengine.registry import MODELS

from diffmm.diffusion import load_architecture
from tests import tiny


@pytest.fixture(scope='module')
def prompt():
    prompt = MODELS.build(
        dict(type='TrainedTextPrompt', width=tiny.WIDTH, num_tokens=6)
    )
    prompt.set_architecture(load_architecture(tiny.ARCHITECTURE))
    return prompt


def test_it_has_the_features_of_the_frozen_one_with_gradient(prompt):
    texts = ('the red ball', '', 'the red ball')
    context = prompt(3, texts)
    assert torch.equal(context[0], context[2]) and context.shape == (3, 6, tiny.WIDTH)
    expected = prompt.text_encoder(texts, 6).tokens
    assert not expected.requires_grad
    torch.testing.assert_close(context, expected)
    context.sum().backward()
    assert all(p.grad is not None for p in prompt.parameters())


def test_what_trains_is_stored_as_it_is(prompt):
    name = 'text_encoder.model.final_layer_norm.weight'
    with torch.no_grad():
        prompt.text_encoder.model.final_layer_norm.weight.add_(1e-4)
    state = prompt.state_dict()
    assert state[name].dtype == torch.float32


def test_padding_is_not_seen(prompt):
    visible = prompt.visible_tokens(['the red ball', ''])
    assert visible.tolist() == [[True] * 5 + [False], [True] * 2 + [False] * 4]


def test_texts_that_are_too_long_are_counted(prompt):
    prompt(1, ['one two three four five six seven'])
    assert prompt.num_truncated == 1
