import pytest
import torch
from mmengine.registry import MODELS
from torch import nn

from diffmm.diffusion import TextEncoder
from diffmm.models.prompts import StaticTextPrompt, TextAdapter
from tests import tiny


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


def null():
    return MODELS.build(dict(type='NullPrompt', width=tiny.WIDTH))


def test_null_is_every_token_of_the_encoded_empty_string():
    encoder = TextEncoder(tiny.text_model(), 49407)
    prompt = null()
    prompt.encode(lambda: encoder)
    context = prompt(2)
    assert context.shape == (2, 77, tiny.WIDTH)
    ids = torch.full((1, 77), 49407)
    ids[0, 0] = 49406
    with torch.no_grad():
        expected = encoder.model(input_ids=ids).last_hidden_state
    torch.testing.assert_close(context, expected.expand(2, -1, -1))


def test_null_has_a_name_for_every_token():
    names = null().names
    assert len(names) == len(set(names)) == 77


def test_nothing_of_null_trains():
    assert list(null().parameters()) == []
    assert list(null().state_dict()) == ['embeddings']


def random(**options):
    return MODELS.build(dict(type='RandomPrompt', width=8, num_tokens=5, **options))


def test_context_of_random():
    prompt = random()
    context = prompt(3)
    assert context.shape == (3, 5, 8)
    assert torch.equal(context[0], context[2])
    assert prompt.names == tuple(f'random {i}' for i in range(5))


def test_the_seed_alone_decides():
    torch.manual_seed(1)
    first = random()(1)
    torch.manual_seed(2)
    assert torch.equal(random()(1), first)
    assert not torch.equal(random(seed=1)(1), first)


def test_building_random_draws_nothing_from_the_global_generator():
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    random()
    assert torch.equal(torch.rand(1), expected)


def test_nothing_of_random_trains():
    prompt = random()
    assert list(prompt.parameters()) == []
    assert list(prompt.state_dict()) == ['embeddings']


def test_random_needs_no_text_encoder():
    prompt = random()
    before = prompt.embeddings.clone()
    prompt.encode(lambda: pytest.fail('the text encoder was built'))
    assert torch.equal(prompt.embeddings, before)
