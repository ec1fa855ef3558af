import torch
from mmengine.registry import MODELS

from tests import tiny


def build(**options):
    return MODELS.build(dict(type='TextAdapter', **options))


def test_size_at_the_width_of_sd15():
    adapter = build(width=768)
    assert tiny.count_parameters(adapter.mlp) == 1_181_184
    assert adapter.gamma.shape == (768,)
    assert tiny.count_parameters(adapter) == 1_181_184 + 768


def test_it_is_nearly_the_identity_at_first():
    text = torch.randn(5, 16)
    refined = build(width=16)(text)
    assert not torch.equal(refined, text)
    torch.testing.assert_close(refined, text, rtol=0, atol=1e-3)


def test_formula():
    """c + gamma * MLP(c) with one gamma for every channel."""
    adapter = build(width=4, gamma=0.5)
    assert adapter.gamma.tolist() == [0.5] * 4
    text = torch.randn(2, 3, 4)
    with torch.no_grad():
        adapter.gamma[0] = 0
        first, _, second = adapter.mlp
        hidden = torch.nn.functional.gelu(text @ first.weight.T + first.bias)
        expected = text + adapter.gamma * (hidden @ second.weight.T + second.bias)
        torch.testing.assert_close(adapter(text), expected)
    assert torch.equal(adapter(text)[..., 0], text[..., 0])


def test_everything_trains():
    adapter = build(width=4)
    adapter(torch.randn(3, 4)).square().sum().backward()
    assert all(p.grad.abs().max() > 0 for p in adapter.parameters())
