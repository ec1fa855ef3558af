import pytest
import torch
from torch import nn

from diffmm.models.prompts import StaticTextPrompt, TextAdapter


class Fixed(StaticTextPrompt):
    """Its text encodes to a constant."""

    names = ('one', 'two', 'three')

    def encode_text(self, text_encoder):
        return text_encoder(['text']).expand(3, -1)


def encoder(texts):
    return torch.full((len(texts), 8), 2.0)


def test_a_static_prompt_must_say_how_to_encode():
    with pytest.raises(TypeError, match='encode_text'):
        StaticTextPrompt(8, 3)


def test_text_is_encoded_once_into_a_buffer():
    built = []

    def load():
        built.append(1)
        return encoder

    prompt = Fixed(8, 3)
    prompt.encode(load)
    assert (prompt(2) == 2).all()
    assert prompt(2).shape == (2, 3, 8)
    assert built == [1]
    assert list(prompt.state_dict()) == ['embeddings']


def test_the_text_encoder_is_dropped():
    prompt = Fixed(8, 3)
    prompt.encode(lambda: nn.Linear(1, 1).train() and encoder)
    assert [type(module) for module in prompt.modules()] == [Fixed]


def test_noise_stands_for_text_without_weights():
    """Unit Gaussian, and the same in every process of a distributed run."""
    torch.manual_seed(1)
    prompt = Fixed(64, 300)
    torch.manual_seed(2)
    assert torch.equal(prompt.embeddings, Fixed(64, 300).embeddings)
    assert abs(prompt.embeddings.mean()) < 0.03
    assert abs(prompt.embeddings.std() - 1) < 0.03
    before = prompt.embeddings.clone()
    prompt.encode(None)
    assert torch.equal(prompt.embeddings, before)


def test_the_adapter_refines_at_every_forward():
    prompt = Fixed(8, 3, adapter=dict(type='TextAdapter', gamma=0.5))
    assert isinstance(prompt.adapter, TextAdapter)
    assert prompt.adapter.gamma.shape == (8,)
    prompt.encode(lambda: encoder)
    assert torch.equal(prompt.embeddings, torch.full((3, 8), 2.0))
    expected = prompt.adapter(prompt.embeddings)
    torch.testing.assert_close(prompt(2), expected.expand(2, -1, -1))
    assert not torch.allclose(prompt(1)[0], prompt.embeddings, atol=1e-3)
    with torch.no_grad():
        prompt.adapter.gamma.zero_()
    assert torch.equal(prompt(1)[0], prompt.embeddings)
