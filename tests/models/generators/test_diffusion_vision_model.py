from __future__ import annotations

import pytest
import torch
from transformers import AutoConfig, AutoModel

from diffmm.models.generators import DiffusionVisionModel

NAMES = ('car', 'tree')


@pytest.fixture(scope='module')
def model():
    torch.manual_seed(0)
    config = AutoConfig.for_model(
        'diffusion-vision', names=NAMES, image_size=64, hidden_size=8
    )
    return AutoModel.from_config(config).eval()


@pytest.fixture(scope='module')
def images():
    torch.manual_seed(0)
    return torch.rand(2, 3, 64, 64) * 2 - 1


@torch.no_grad()
def test_every_picture_becomes_tokens_of_its_own(model, images):
    assert isinstance(model, DiffusionVisionModel)
    both = model(images).last_hidden_state
    assert both.shape == (2, 64, 8)
    assert not torch.allclose(both[0], both[1])
    alone = model(images[1:]).last_hidden_state
    torch.testing.assert_close(alone, both[1:], rtol=1e-4, atol=1e-5)


def test_the_prior_is_neither_saved_nor_trained(model, images, tmp_path):
    model.save_pretrained(tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 50_000
    loaded = AutoModel.from_pretrained(tmp_path).eval()
    tokens = model(images).last_hidden_state
    torch.testing.assert_close(loaded(images).last_hidden_state, tokens)
    tokens.square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.abs().sum() > 0, name
    model.zero_grad()


@torch.no_grad()
def test_training_pictures_that_come_again_are_remembered(images, monkeypatch):
    config = AutoConfig.for_model(
        'diffusion-vision', names=NAMES, image_size=64, hidden_size=8, kept_pictures=3
    )
    model = AutoModel.from_config(config).train()
    seen = []
    features = model._features
    monkeypatch.setattr(
        model, '_features', lambda batch: seen.append(len(batch)) or features(batch)
    )
    more = torch.cat([images, images.flip(-1)])
    first = model(images).last_hidden_state
    torch.testing.assert_close(model(images).last_hidden_state, first)
    model(more)  # Two known, two new, of which one is kept.
    model(more)
    model.eval()(images)
    assert seen == [2, 2, 1, 2]


@torch.no_grad()
def test_the_names_are_what_the_prior_is_asked_for(model, images):
    """Their attention maps are channels of the tokens' input."""
    other = AutoModel.from_config(
        AutoConfig.for_model(
            'diffusion-vision', names=NAMES[::-1], image_size=64, hidden_size=8
        )
    ).eval()
    other.load_state_dict(model.state_dict())
    tokens = model(images).last_hidden_state
    assert not torch.allclose(other(images).last_hidden_state, tokens, atol=1e-3)
