import pytest
import torch
from mmengine.registry import MODELS

from tests import tiny


def build(**options):
    return MODELS.build(dict(type='RandomPrompt', width=8, num_tokens=5, **options))


def test_context():
    prompt = build()
    context = prompt(3)
    assert context.shape == (3, 5, 8)
    assert torch.equal(context[0], context[2])
    assert prompt.names == tuple(f'random {i}' for i in range(5))


def test_the_seed_alone_decides():
    torch.manual_seed(1)
    first = build()(1)
    torch.manual_seed(2)
    assert torch.equal(build()(1), first)
    assert not torch.equal(build(seed=1)(1), first)


def test_building_draws_nothing_from_the_global_generator():
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    build()
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize('learnable', [True, False])
def test_learnable(learnable):
    prompt = build(learnable=learnable)
    assert [p.requires_grad for p in prompt.parameters()] == [True] * learnable
    assert list(prompt.state_dict()) == ['embeddings']
    assert prompt(2).requires_grad == learnable


def test_it_needs_no_text_encoder():
    prompt = build()
    before = prompt.embeddings.clone()
    prompt.encode(lambda: pytest.fail('the text encoder was built'))
    assert torch.equal(prompt.embeddings, before)


def test_in_a_backbone_it_learns_while_the_rest_is_frozen():
    backbone = tiny.build_backbone(
        prompt=dict(type='RandomPrompt', num_tokens=4, learnable=True),
        trainable='none',
    )
    backbone(tiny.image())[0].square().mean().backward()
    assert backbone.prompt.embeddings.grad.abs().max() > 0
