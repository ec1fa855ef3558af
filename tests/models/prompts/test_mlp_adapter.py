import torch
import torch.nn.functional as F
from mmengine.registry import MODELS

from tests import tiny


def build(width):
    return MODELS.build(dict(type='MLPAdapter', width=width))


def test_size_at_the_width_of_sd15():
    assert tiny.count_parameters(build(768)) == 1_181_184


def test_it_is_the_mlp_alone():
    """Neither a residual connection nor VPD's gamma."""
    adapter = build(4)
    first, _, second = adapter.mlp
    embeddings = torch.randn(2, 3, 4)
    hidden = F.gelu(embeddings @ first.weight.T + first.bias)
    expected = hidden @ second.weight.T + second.bias
    torch.testing.assert_close(adapter(embeddings), expected)


def test_everything_trains():
    adapter = build(4)
    adapter(torch.randn(3, 4)).square().sum().backward()
    assert all(p.grad.abs().max() > 0 for p in adapter.parameters())
