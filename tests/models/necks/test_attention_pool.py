"""One vector of a map, or of another vector."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import MODELS
from torch import nn

import diffmm  # noqa: F401  registers the modules


def build(kind='AttentionPool', **options):
    options = dict(in_channels=12, out_channels=5) | options
    return MODELS.build(dict(type=kind, **options)).eval()


@pytest.mark.parametrize('heads', [1, 3])
@torch.no_grad()
def test_it_is_the_attention_of_the_mean_to_all_pixels(heads):
    """As PyTorch's own layer computes it, whose projections are one matrix."""
    pool = build(heads=heads, size=2)
    layer = nn.MultiheadAttention(12, heads, batch_first=True).eval()
    parts = (pool.query, pool.key, pool.value)
    layer.in_proj_weight.copy_(torch.cat([part.weight for part in parts]))
    layer.in_proj_bias.copy_(torch.cat([part.bias for part in parts]))
    layer.out_proj.weight.copy_(torch.eye(12))
    layer.out_proj.bias.zero_()
    feature = torch.randn(3, 12, 2, 2)
    pixels = [feature[:, :, row, column] for row in (0, 1) for column in (0, 1)]
    tokens = torch.stack([feature.mean(dim=(2, 3)), *pixels], dim=1) + pool.positions
    expected = pool.out(layer(tokens[:, :1], tokens, tokens)[0][:, 0])
    torch.testing.assert_close(pool([feature]), expected)


@pytest.mark.parametrize('shape', [(4, 8), (1, 1), (3, 5)])
@torch.no_grad()
def test_maps_of_another_size_are_averaged(shape):
    pool = build(size=2, heads=4)
    feature = torch.randn(2, 12, *shape)
    small = F.adaptive_avg_pool2d(feature, 2)
    if shape == (4, 8):  # blocks of 2x4 pixels
        small = feature.unflatten(3, (2, 4)).unflatten(2, (2, 2)).mean(dim=(3, 5))
    torch.testing.assert_close(pool([feature]), pool([small]))


def test_the_last_map_alone_is_pooled_and_all_parameters_learn():
    pool = build(size=2, heads=2)
    coarse = torch.randn(2, 12, 2, 2)
    found = pool([torch.full((2, 7, 9, 9), torch.nan), coarse])
    assert found.shape == (2, 5)
    found.square().sum().backward()
    # A constant on all keys changes no attention.
    learning = {n for n, p in pool.named_parameters() if p.grad.abs().max() > 1e-5}
    assert {n for n, _ in pool.named_parameters()} - learning == {'key.bias'}


@torch.no_grad()
def test_where_a_pixel_stands_matters():
    pool = build(size=2, heads=2)
    feature = torch.randn(1, 12, 2, 2)
    assert not torch.allclose(pool([feature]), pool([feature.flip(3)]))
    pool.positions.zero_()
    torch.testing.assert_close(pool([feature]), pool([feature.flip(3)]))


@torch.no_grad()
def test_an_adapter_by_hand():
    adapter = build('VectorAdapter', in_channels=4, out_channels=2, reduction=2)
    adapter.down.weight.copy_(torch.tensor([[1.0, 0, 0, 0], [0, 0, 0, -1.0]]))
    adapter.up.weight.copy_(torch.tensor([[1.0, 2.0], [0, 3.0]]))
    vectors = torch.tensor([[5.0, 9, 9, 7], [-5, 9, 9, -2]])
    found = adapter([torch.full((2, 4), torch.nan), vectors])
    # What the bottleneck finds negative is lost.
    assert found.tolist() == [[5, 0], [4, 6]]
