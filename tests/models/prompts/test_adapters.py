import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import MODELS

from tests import tiny


def build(kind, **options):
    return MODELS.build(dict(type=kind, **options))


def test_size_of_text_adapter_at_the_width_of_sd15():
    adapter = build('TextAdapter', width=768)
    assert tiny.count_parameters(adapter.mlp) == 1_181_184
    assert adapter.gamma.shape == (768,)
    assert tiny.count_parameters(adapter) == 1_181_184 + 768


def test_text_adapter_is_nearly_the_identity_at_first():
    text = torch.randn(5, 16)
    refined = build('TextAdapter', width=16)(text)
    assert not torch.equal(refined, text)
    torch.testing.assert_close(refined, text, rtol=0, atol=1e-3)


def test_formula_of_text_adapter():
    """c + gamma * MLP(c) with one gamma for every channel."""
    adapter = build('TextAdapter', width=4, gamma=0.5)
    assert adapter.gamma.tolist() == [0.5] * 4
    text = torch.randn(2, 3, 4)
    with torch.no_grad():
        adapter.gamma[0] = 0
        first, _, second = adapter.mlp
        hidden = F.gelu(text @ first.weight.T + first.bias)
        expected = text + adapter.gamma * (hidden @ second.weight.T + second.bias)
        torch.testing.assert_close(adapter(text), expected)
    assert torch.equal(adapter(text)[..., 0], text[..., 0])


def test_size_of_mlp_adapter_at_the_width_of_sd15():
    assert tiny.count_parameters(build('MLPAdapter', width=768)) == 1_181_184


def test_mlp_adapter_is_the_mlp_alone():
    """Neither a residual connection nor VPD's gamma."""
    adapter = build('MLPAdapter', width=4)
    first, _, second = adapter.mlp
    embeddings = torch.randn(2, 3, 4)
    hidden = F.gelu(embeddings @ first.weight.T + first.bias)
    expected = hidden @ second.weight.T + second.bias
    torch.testing.assert_close(adapter(embeddings), expected)


@pytest.mark.parametrize('kind', ['TextAdapter', 'MLPAdapter'])
def test_everything_trains(kind):
    adapter = build(kind, width=4)
    adapter(torch.randn(3, 4)).square().sum().backward()
    assert all(p.grad.abs().max() > 0 for p in adapter.parameters())
