import torch
from mmengine.registry import MODELS

from diffmm.diffusion import TextEncoder
from tests import tiny


def build():
    return MODELS.build(dict(type='NullPrompt', width=tiny.WIDTH))


def test_it_is_every_token_of_the_encoded_empty_string():
    encoder = TextEncoder(tiny.text_model(), 49407)
    prompt = build()
    prompt.encode(lambda: encoder)
    context = prompt(2)
    assert context.shape == (2, 77, tiny.WIDTH)
    ids = torch.full((1, 77), 49407)
    ids[0, 0] = 49406
    with torch.no_grad():
        expected = encoder.model(input_ids=ids).last_hidden_state
    torch.testing.assert_close(context, expected.expand(2, -1, -1))


def test_there_is_a_name_for_every_token():
    names = build().names
    assert len(names) == len(set(names)) == 77


def test_nothing_trains():
    assert list(build().parameters()) == []
    assert list(build().state_dict()) == ['embeddings']
