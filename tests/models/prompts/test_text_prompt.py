from copy import deepcopy

import pytest
import torch
from mmengine.registry import MODELS

from diffmm.diffusion import Architecture, TextEncoder
from diffmm.models.prompts import text_prompt
from tests import tiny

LONG = 'the red ball on the left of the big blue house'


@pytest.fixture
def prompt():
    return build()


def build(num_tokens=8, **options):
    torch.manual_seed(0)
    prompt = MODELS.build(
        dict(
            type='TextPrompt',
            width=tiny.WIDTH,
            num_tokens=num_tokens,
            **options,
        )
    )
    prompt.set_architecture(Architecture('tiny', **tiny.ARCHITECTURE))
    return prompt


def test_the_context_is_every_token_of_the_text(prompt):
    context = prompt(2, ['a cat', 'the dog'])
    assert context.shape == (2, 8, tiny.WIDTH)
    assert not context.requires_grad
    # begin, a, cat, end, and the end token again as padding
    encoder = prompt.text_encoder.model
    ids = torch.tensor([[49406, 320, 2368, 49407, 49407, 49407, 49407, 49407]])
    with torch.no_grad():
        expected = encoder(input_ids=ids).last_hidden_state[0]
    torch.testing.assert_close(context[0], expected)
    assert prompt.names == tuple(f'token {i}' for i in range(8))


def test_swapped_texts_swap_the_context(prompt):
    one, other = prompt(2, ['a cat', 'the dog']), prompt(2, ['the dog', 'a cat'])
    assert torch.equal(one, other.flip(0))
    assert not torch.equal(one[0], one[1])


def test_each_distinct_text_is_encoded_once(prompt, monkeypatch):
    encoded = []
    forward = TextEncoder.forward

    def record(self, texts, *args):
        encoded.extend(texts)
        return forward(self, texts, *args)

    monkeypatch.setattr(TextEncoder, 'forward', record)
    monkeypatch.setattr(text_prompt, '_CACHE_SIZE', 2)
    prompt(3, ['a', 'b', 'a'])
    prompt(1, ['b'])
    assert encoded == ['a', 'b']
    # More than the cache holds: the texts of the batch itself are never missing, and
    # the least recently used one goes.
    assert prompt(3, ['c', 'b', 'd']).shape[0] == 3
    prompt(2, ['b', 'd'])
    assert encoded == ['a', 'b', 'c', 'd']


def test_loading_weights_forgets_what_was_encoded(prompt):
    before = prompt(1, ['a cat'])
    torch.manual_seed(1)
    other = build()
    other.text_encoder.load_state_dict(
        {k: v + 0.1 for k, v in other.text_encoder.state_dict().items()}
    )
    prompt.load_state_dict(other.state_dict())
    assert not torch.allclose(prompt(1, ['a cat']), before)


def test_a_checkpoint_holds_the_encoder_in_half_precision_and_loses_nothing(prompt):
    state = prompt.state_dict()
    kinds = {value.dtype for value in state.values() if value.is_floating_point()}
    assert kinds == {torch.float16}
    again = build()
    again.encode(lambda: TextEncoder(tiny.text_model(), 49407))
    assert not torch.equal(again(1, ['a cat']), prompt(1, ['a cat']))
    again.load_state_dict(state)
    assert torch.equal(again(1, ['a cat']), prompt(1, ['a cat']))
    # Half precision is how it is stored, not how it computes.
    assert prompt(1, ['a cat']).dtype == torch.float32


def test_weights_that_half_precision_would_round_stay_as_they_are(prompt):
    """Learned words, or the recipe of the parity data."""
    encoder = TextEncoder(tiny.text_model(), 49407)
    prompt.encode(lambda: encoder)
    context = prompt(1, ['a cat'])
    assert torch.equal(context, encoder(['a cat'], 8).tokens)
    state = prompt.state_dict()
    kinds = {value.dtype for value in state.values() if value.is_floating_point()}
    assert kinds == {torch.float32}
    again = build()
    again.load_state_dict(state)
    assert torch.equal(again(1, ['a cat']), context)


def test_the_adapter_trains_and_the_encoder_does_not():
    prompt = build(adapter=dict(type='TextAdapter', gamma=0.5)).train()
    trained = [name for name, p in prompt.named_parameters() if p.requires_grad]
    assert trained
    assert all(name.startswith('adapter.') for name in trained)
    assert not prompt.text_encoder.training
    prompt(1, ['a cat']).sum().backward()
    assert prompt.adapter.gamma.grad is not None


def test_long_texts_are_cut_with_one_warning_and_counted(prompt, cut_warnings):
    context = prompt(3, [LONG, f'{LONG} side', 'a cat'])
    prompt(1, [LONG])
    assert prompt.num_truncated == 2
    (warning,) = cut_warnings
    assert f"'{LONG}' has more than 8 tokens" in warning
    assert "'of the big blue house' is cut" in warning and 'num_truncated' in warning
    assert context.shape == (3, 8, tiny.WIDTH)
    # Equal up to where both are cut.
    assert torch.equal(context[0], context[1])


def test_missing_texts_are_an_error(prompt):
    with pytest.raises(RuntimeError, match='needs the text of every image'):
        prompt(2)


@pytest.mark.parametrize('num_tokens', [2, 78])
def test_impossible_lengths_are_refused(num_tokens):
    with pytest.raises(ValueError, match=f'from 3 to 77, got {num_tokens}'):
        build(num_tokens)


def test_a_copy_is_independent(prompt):
    copy = deepcopy(prompt)
    with torch.no_grad():
        copy.text_encoder.model.embeddings.token_embedding.weight.add_(1)
    copy.load_state_dict(copy.state_dict())
    assert not torch.equal(copy(1, ['a cat']), prompt(1, ['a cat']))


def test_its_example_texts_fit(prompt):
    assert prompt(2, prompt.example_texts(2)).shape == (2, 8, tiny.WIDTH)


def test_its_old_name_builds_it():
    assert MODELS.get('ExpressionPrompt') is MODELS.get('TextPrompt')
