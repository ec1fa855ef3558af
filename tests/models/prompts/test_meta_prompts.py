import pytest
import torch
from mmengine.registry import MODELS

from tests import tiny

ADAPTER = dict(type='MLPAdapter')


def build(**options):
    return MODELS.build(dict(type='MetaPrompts', width=8, num_prompts=5) | options)


def test_context_is_the_prompts_and_nothing_else():
    prompt = build()
    context = prompt(3)
    assert context.shape == (3, 5, 8)
    for image in context:
        assert torch.equal(image, prompt.embeddings)
    assert prompt.names == tuple(f'prompt {i}' for i in range(5))


def test_as_many_images_as_prompts():
    """The released depth estimation gives each image one prompt then."""
    for prompt in (build(), build(num_steps=2, adapter=ADAPTER)):
        context = prompt(5)
        assert context.shape == (5, 5, 8)
        assert torch.equal(context, prompt(6)[:5])
        assert torch.equal(prompt.at_step(context, 1), prompt.at_step(prompt(6), 1)[:5])


def test_they_start_as_unit_gaussian_noise():
    embeddings = build(width=256, num_prompts=150, num_steps=3).embeddings.detach()
    assert embeddings.mean().item() == pytest.approx(0, abs=0.02)
    assert embeddings.std().item() == pytest.approx(1, abs=0.02)
    first, second, _ = embeddings
    assert not torch.equal(first, second)


@pytest.mark.parametrize('adapter', [None, ADAPTER], ids=['raw', 'adapted'])
def test_one_set_for_all_steps(adapter):
    prompt = build(adapter=adapter)
    assert prompt.num_steps is None
    assert prompt.embeddings.shape == (5, 8)
    context = prompt(2)
    # The same tensor: no step computes it again.
    assert prompt.at_step(context, 1) is context


def test_a_set_and_an_adapter_for_every_step():
    prompt = build(num_steps=3, adapter=ADAPTER)
    assert prompt.num_steps == 3
    assert prompt.embeddings.shape == (3, 5, 8)
    first = prompt(2)
    for step, context in enumerate(
        [first, prompt.at_step(first, 1), prompt.at_step(first, 2)]
    ):
        expected = prompt.adapter[step](prompt.embeddings[step])
        torch.testing.assert_close(context, expected.expand(2, -1, -1))
    weights = [adapter.mlp[0].weight for adapter in prompt.adapter]
    assert not torch.equal(weights[0], weights[1])


def test_a_set_for_every_step_without_adapter():
    prompt = build(num_steps=2)
    assert prompt.adapter is None
    context = prompt.at_step(prompt(2), 1)
    assert torch.equal(context[1], prompt.embeddings[1])


def test_every_parameter_trains():
    prompt = build(num_steps=2, adapter=ADAPTER)
    first = prompt(2)
    (first.square().sum() + prompt.at_step(first, 1).square().sum()).backward()
    assert all(p.grad.abs().max() > 0 for p in prompt.parameters())


def test_all_parameters_but_biases_are_matrices():
    """Optimizers that spare vectors decay the prompts, as the released ones do."""
    for prompt in (build(num_prompts=1), build(num_prompts=1, num_steps=1)):
        assert prompt.embeddings.ndim >= 2


def test_it_needs_no_text_encoder():
    prompt = build()
    before = prompt.embeddings.detach().clone()
    prompt.encode(lambda: pytest.fail('the text encoder was built'))
    assert torch.equal(prompt.embeddings, before)


def test_a_backbone_gives_it_its_width():
    backbone = tiny.build_backbone(
        prompt=dict(type='MetaPrompts', num_prompts=4), attention=dict(max_size=32)
    )
    assert backbone.prompt.embeddings.shape == (4, tiny.WIDTH)
    features = backbone(tiny.image(64, 128, batch=2))
    assert features.attention_maps[16].shape == (2, 4, 4, 8)


def test_another_width_than_the_unets_is_quoted():
    prompt = dict(type='MetaPrompts', num_prompts=4, width=24)
    with pytest.raises(
        ValueError, match=rf'width=24.*of width {tiny.WIDTH}: leave width out'
    ):
        tiny.build_backbone(prompt=prompt)


@pytest.mark.parametrize(
    'options, message',
    [
        (dict(num_prompts=0), 'num_prompts must be at least 1, got 0'),
        (dict(num_steps=0), 'num_steps must be None or at least 1, got 0'),
    ],
)
def test_bad_numbers_are_quoted(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_in_a_backbone_they_learn_while_the_rest_is_frozen():
    backbone = tiny.build_backbone(
        prompt=dict(type='MetaPrompts', num_prompts=4), trainable='none'
    )
    backbone(tiny.image())[0].square().mean().backward()
    assert backbone.prompt.embeddings.grad.abs().max() > 0
