import pytest
import torch
from mmengine.registry import MODELS

from diffmm.diffusion import TextEncoder
from tests import tiny

CLASSES = ['cat', 'dog', 'traffic light']


@pytest.fixture(scope='module')
def encoder():
    torch.manual_seed(0)
    return TextEncoder(tiny.text_model(), 49407)


def build(**options):
    config = dict(type='PresentClassPrompt', width=tiny.WIDTH, classes=CLASSES)
    return MODELS.build(config | options)


def test_absent_classes_are_the_end_of_the_empty_string(encoder):
    prompt = build(template='name')
    prompt.encode(lambda: encoder)
    context = prompt(2, ['dog', 'cat; traffic light'])
    names, blank = encoder(CLASSES).pooled, encoder(['']).tokens[0, -1]
    expected = torch.stack(
        [
            torch.stack([blank, names[1], blank]),
            torch.stack([names[0], blank, names[2]]),
        ]
    )
    torch.testing.assert_close(context, expected)
    assert prompt.names == tuple(CLASSES)


def test_the_encoder_is_built_once(encoder):
    built = []
    build(template='name').encode(lambda: built.append(0) or encoder)
    assert len(built) == 1


def test_without_weights_and_after_reloading(encoder):
    prompt = build()
    prompt.encode(None)
    assert prompt(1, ['cat']).shape == (1, 3, tiny.WIDTH)
    prompt.encode(lambda: encoder)
    again = build()
    again.load_state_dict(prompt.state_dict())
    assert torch.equal(again(1, ['cat']), prompt(1, ['cat']))


def test_the_adapter_sees_blanks_too():
    prompt = build(adapter=dict(type='TextAdapter', gamma=0.5))
    prompt(1, ['dog']).sum().backward()
    assert prompt.adapter.gamma.grad is not None


def test_its_example_texts_fit():
    prompt = build()
    assert prompt(2, prompt.example_texts(2)).shape == (2, 3, tiny.WIDTH)


@pytest.mark.parametrize('text', ['cow', 'cat dog', 'cat; cow', 'cat;dog'])
def test_what_is_no_class_is_quoted(text):
    with pytest.raises(ValueError, match="is none of the 3 classes.*by '; '") as error:
        build()(1, [text])
    assert repr(text) in str(error.value)


def test_missing_texts_are_an_error():
    with pytest.raises(RuntimeError, match='needs the text of every image'):
        build()(1)
