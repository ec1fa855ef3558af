import pytest
import torch
from torch import nn
from transformers import CLIPTextModel

from diffmm.diffusion import TextEncoder
from diffmm.diffusion.text_encoder import as_text_model, text_tower
from tests import tiny

TEXTS = ['cat', 'a photo of a cat', '']
LENGTHS = [3, 7, 2]


@pytest.fixture(scope='module')
def model():
    torch.manual_seed(0)
    return tiny.text_model()


@pytest.fixture(scope='module')
def encoder(model):
    return TextEncoder(model, pad_token_id=49407)


def ids_of(encoder, *arguments):
    """What the tower is fed with."""
    seen = []
    handle = encoder.model.register_forward_pre_hook(
        lambda module, args, kwargs: seen.append(kwargs['input_ids']), with_kwargs=True
    )
    encoder(*arguments)
    handle.remove()
    return seen[0]


def test_shapes_and_lengths(encoder):
    features = encoder(TEXTS)
    assert features.tokens.shape == (3, 77, tiny.WIDTH)
    assert features.pooled.shape == (3, tiny.WIDTH)
    assert features.lengths.tolist() == LENGTHS


def test_features_are_those_of_transformers(encoder, model):
    ids = ids_of(encoder, TEXTS)
    features = encoder(TEXTS)
    with torch.no_grad():
        expected = model(input_ids=ids)
    torch.testing.assert_close(features.tokens, expected.last_hidden_state)
    torch.testing.assert_close(features.pooled, expected.pooler_output)


def test_pooled_is_the_feature_at_the_end_token(encoder):
    features = encoder(TEXTS)
    for row, length in enumerate(LENGTHS):
        assert torch.equal(features.pooled[row], features.tokens[row, length - 1])
    assert not torch.allclose(features.pooled, features.tokens[:, -1], atol=1e-3)


@pytest.mark.parametrize('pad_token_id', [49407, 0], ids=['SD1', 'SD2'])
def test_padding_is_that_of_the_generation(model, pad_token_id):
    ids = ids_of(TextEncoder(model, pad_token_id), TEXTS)
    for row, length in zip(ids, LENGTHS, strict=True):
        assert row[0] == 49406
        assert row[length - 1] == 49407
        assert (row[length:] == pad_token_id).all()


def test_padding_changes_no_token_before_it(model):
    """The tower is causal; only the padding's own features differ."""
    old, new = (TextEncoder(model, pad)(TEXTS) for pad in (49407, 0))
    torch.testing.assert_close(old.pooled, new.pooled)
    assert not torch.allclose(old.tokens[0, 3:], new.tokens[0, 3:], atol=1e-3)


def test_long_texts_are_truncated(encoder):
    features = encoder(['cat ' * 100])
    assert features.lengths.tolist() == [77]
    assert ids_of(encoder, ['cat ' * 100])[0, -1] == 49407


def test_max_length(encoder):
    features = encoder(['a photo of a cat', 'cat'], 5)
    assert features.tokens.shape == (2, 5, tiny.WIDTH)
    assert features.lengths.tolist() == [5, 3]


def test_it_is_frozen(encoder):
    assert not any(p.requires_grad for p in encoder.parameters())
    assert not encoder.model.training
    assert not encoder(['cat']).pooled.requires_grad


def test_names_do_not_depend_on_transformers(encoder):
    """transformers 4 puts the network into a wrapper, transformers 5 does not."""
    wrapper = nn.Module()
    wrapper.text_model = encoder.model
    names = set(TextEncoder(wrapper, 49407).state_dict())
    assert names == set(encoder.state_dict())
    assert 'model.embeddings.token_embedding.weight' in names
    assert not [name for name in names if 'text_model' in name]


@pytest.mark.parametrize('training', [False, True])
def test_pipelines_get_the_model_of_transformers(training):
    model = tiny.text_model().train(training)
    rebuilt = as_text_model(text_tower(model))
    assert isinstance(rebuilt, CLIPTextModel) and rebuilt.training is training
    assert list(rebuilt.state_dict()) == list(model.state_dict())
    ids = torch.tensor([[49406, 2368, 49407]])
    expected = model.eval()(input_ids=ids).last_hidden_state
    actual = rebuilt.eval()(input_ids=ids).last_hidden_state
    torch.testing.assert_close(actual, expected)
