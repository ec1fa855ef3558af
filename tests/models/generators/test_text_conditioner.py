import pytest
import torch

from diffmm.diffusion import TextEncoder
from diffmm.models.generators import Condition, TextConditioner
from diffmm.models.prompts import truncation
from tests import tiny


def build():
    torch.manual_seed(0)
    return TextConditioner(tiny.TEXT_ENCODER)


def test_contexts_are_those_of_the_frozen_text_encoder():
    """What perception asks for is what was trained."""
    conditioner = build()
    context, valid = conditioner(
        [Condition('a cat'), Condition(), Condition(names=('sky', 'cat'))]
    )
    assert context.shape == (3, 77, tiny.WIDTH)
    assert valid.sum(1).tolist() == [4, 2, 2]
    encoder = TextEncoder(conditioner.model, 49407)
    sentences = encoder(['a cat', '']).tokens
    torch.testing.assert_close(context[:2], sentences)
    pooled = encoder(['a photo of a sky', 'a photo of a cat']).pooled
    torch.testing.assert_close(context[2, :2], pooled)
    assert not context[2, 2:].any()


def test_every_kind_of_context_trains_the_text_encoder():
    conditioner = build()
    for condition in (Condition('a cat'), Condition(names=('cat',))):
        conditioner.zero_grad()
        context, valid = conditioner([condition])
        context[valid].square().sum().backward()
        embedding = conditioner.model.embeddings.token_embedding.weight.grad
        assert embedding[2368].any() and not embedding[1000].any()


def test_tokens_that_were_trained_are_remembered():
    conditioner = build().train()
    conditioner([Condition('a cat'), Condition(names=('sky',))])
    photo_of_a_sky = {320, 1125, 539, 2390}
    seen = set(conditioner.seen_tokens.nonzero().flatten().tolist())
    assert seen >= {49406, 49407, 2368, 320, 1125, 539}
    assert len(seen) == 7 and len(seen & photo_of_a_sky) >= 3
    conditioner.eval()([Condition('a dog')])
    assert int(conditioner.seen_tokens.sum()) == 7
    assert 'seen_tokens' in conditioner.state_dict()


def test_a_word_that_a_trained_encoder_never_saw_starts_as_long_as_the_others():
    """From zero it would hardly move; a frozen table keeps what it was trained with."""
    trained = build()
    with torch.no_grad():
        trained.table.weight[2368:] = 0
    for frozen in (False, True):
        conditioner = build()
        conditioner.requires_grad_(not frozen)
        conditioner.load(TextEncoder(trained.model, 49407))
        weight = conditioner.table.weight
        torch.testing.assert_close(weight[:2368], trained.table.weight[:2368])
        lengths = weight.norm(dim=1)
        ratio = lengths[2368:].mean() / lengths[:2368].mean()
        assert abs(ratio - (0 if frozen else 1)) < 0.1
        assert not conditioner.seen_tokens[2368:].any(), 'exported only if trained'


@pytest.mark.parametrize('names', [(), ('sky', 'cat ' * 90)], ids=['text', 'names'])
def test_long_texts_are_cut_with_one_warning_and_counted(monkeypatch, names):
    messages = []
    monkeypatch.setattr(
        truncation, 'print_log', lambda message, *_, **__: messages.append(message)
    )
    conditioner = build()
    fits, long = 'cat ' * 75, 'cat ' * 75 + 'and a tree'
    conditioner([Condition(fits.strip()), Condition(names=('sky',))])
    assert not messages and conditioner.num_truncated == 0
    for _ in range(2):
        conditioner([Condition(names=names) if names else Condition(long)])
    assert conditioner.num_truncated == 2 and len(messages) == 1
    assert names or "'and a tree' is cut" in messages[0]
