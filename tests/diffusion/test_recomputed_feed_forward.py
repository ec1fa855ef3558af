from __future__ import annotations

import copy

import pytest
import torch
from diffusers.models.attention import FeedForward
from torch import nn
from torch.func import functional_call
from torch.utils.flop_counter import FlopCounterMode

from diffmm.benchmark import measure_memory_rise
from diffmm.diffusion.product_linear import use_product_linears
from diffmm.diffusion.recomputed_feed_forward import (
    RecomputedFeedForward,
    use_recomputed_feed_forwards,
)


def _layers(**settings):
    torch.manual_seed(0)
    plain = FeedForward(12, **settings)
    ours = nn.Sequential(copy.deepcopy(plain))
    use_recomputed_feed_forwards(ours)
    return plain, ours[0]


def _step(layer, hidden):
    """The output, and the gradients of the input and of every parameter."""
    torch.manual_seed(1)
    hidden = hidden.detach().requires_grad_()
    found = layer(hidden)
    leaves = [hidden, *layer.parameters()]
    return found, *torch.autograd.grad(found.square().sum(), leaves)


def _compare(found, expected):
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


@pytest.mark.parametrize('shape', [(12,), (5, 12), (2, 7, 12)])
def test_it_is_the_same_layer(shape):
    plain, ours = _layers()
    assert isinstance(ours, RecomputedFeedForward)
    assert [*ours.state_dict()] == [*plain.state_dict()]
    hidden = torch.randn(shape)
    _compare(_step(ours, hidden), _step(plain, hidden))
    with torch.no_grad():
        _compare(ours(hidden), plain(hidden))


def test_it_is_the_same_layer_under_autocast():
    hidden = torch.randn(5, 12)
    with torch.autocast('cpu', torch.bfloat16):
        found, expected = (_step(layer, hidden) for layer in _layers())
    assert found[0].dtype == torch.bfloat16
    _compare(found, expected)


def test_dropout_drops_the_same_values():
    plain, ours = _layers(dropout=0.5)
    hidden = torch.randn(5, 12)
    _compare(_step(ours, hidden), _step(plain, hidden))


def test_onednn_multiplies_once_each(onednn_is_faster, monkeypatch):
    onednn_is_faster(True)
    calls = []
    operator = torch.ops.mkldnn._linear_pointwise
    monkeypatch.setattr(
        torch.ops.mkldnn,
        '_linear_pointwise',
        lambda *arguments: calls.append(1) or operator(*arguments),
    )
    plain, ours = _layers()
    use_product_linears(ours)
    hidden = torch.randn(5, 12)
    expected = _step(plain, hidden)
    torch.testing.assert_close(_step(ours, hidden), expected, rtol=1e-5, atol=1e-5)
    assert len(calls) == 6  # two layers, and the gradients of input and weight of each


@pytest.mark.parametrize('frozen', ['input', 'last', 'all'])
def test_what_is_frozen_gets_no_gradient(frozen):
    found = []
    for layer in _layers():
        hidden = torch.ones(5, 12, requires_grad=frozen != 'input')
        layer.net[2].requires_grad_(frozen == 'input')
        layer.net[0].requires_grad_(frozen == 'last')
        layer(hidden).square().sum().backward()
        leaves = [hidden, *layer.parameters()]
        found.append([leaf.grad for leaf in leaves])
    for ours, plain in zip(*found, strict=True):
        assert (ours is None) == (plain is None)
        if plain is not None:
            _compare(ours, plain)


def test_other_weights_of_a_call():
    """Backward uses the weights that the call had."""
    found = []
    for layer in _layers():
        others = {
            name: torch.ones_like(value) for name, value in layer.named_parameters()
        }
        hidden = torch.ones(5, 12, requires_grad=True)
        functional_call(layer, others, hidden).square().sum().backward()
        found.append(hidden.grad)
    _compare(*found)


def test_a_weight_that_was_changed_is_noticed():
    _, ours = _layers()
    value = ours(torch.ones(5, 12)).sum()
    with torch.no_grad():
        ours.net[2].weight.mul_(2)
    with pytest.raises(RuntimeError, match='modified by an inplace operation'):
        value.backward()


@pytest.mark.parametrize('index', [0, 2])
def test_hooks_are_called(index):
    _, ours = _layers()
    calls = []
    ours.net[index].register_forward_hook(lambda *call: calls.append('forward'))
    ours.net[index].register_full_backward_hook(lambda *call: calls.append('backward'))
    _step(ours, torch.randn(5, 12))
    assert calls == ['forward', 'backward']


def test_a_replaced_layer_is_called():
    _, ours = _layers()
    ours.net[2] = nn.Sequential(ours.net[2], nn.Tanh())
    assert ours(torch.randn(5, 12)).abs().max() < 1


def test_many_gradients_at_once():
    found = []
    for layer in _layers():
        hidden = torch.ones(5, 12, requires_grad=True)
        value = layer(hidden)
        ways = torch.eye(5 * 12).reshape(-1, 5, 12)
        found.append(torch.autograd.grad(value, hidden, ways, is_grads_batched=True))
    torch.testing.assert_close(*found, rtol=1e-5, atol=1e-6)


def test_a_second_derivative_is_that_of_the_plain_layer():
    found = []
    for layer in _layers():
        hidden = torch.ones(5, 12, requires_grad=True)
        value = layer(hidden).pow(3).sum()
        (first,) = torch.autograd.grad(value, hidden, create_graph=True)
        found.append(torch.autograd.grad(first.square().sum(), [*layer.parameters()]))
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-6)


def test_transforms_of_functions():
    hidden = torch.randn(5, 12)
    found = [
        torch.func.vmap(torch.func.grad(lambda row: layer(row).sum()))(hidden)  # noqa: B023
        for layer in _layers()
    ]
    _compare(*found)


def test_no_operation_counts_twice():
    counts = []
    for layer in _layers():
        with FlopCounterMode(display=False) as counter:
            layer(torch.randn(5, 12)).sum().backward()
        counts.append(counter.get_total_flops())
    assert counts[0] == counts[1] > 0


def test_half_of_the_gate_is_kept():
    # In units of the input: 8 of the projection, 4 of the activation, 4 of the product
    # and 1 of the output. (The projection itself needs the input, which exists.)
    unit = 4096 * 12 * 4
    hidden = torch.randn(4096, 12, requires_grad=True)
    rises = []
    for layer in _layers():
        two = nn.Sequential(layer, copy.deepcopy(layer))
        two(hidden)
        rises.append(measure_memory_rise(lambda: two(hidden), torch.device('cpu')))  # noqa: B023
    assert rises[0] == pytest.approx(2 * 17 * unit, rel=0.01)
    # While the second gate is computed, its activation and product are there, too.
    assert rises[1] == pytest.approx((9 + 16) * unit, rel=0.01)


def test_other_activations_stay():
    model = nn.Sequential(FeedForward(12, activation_fn='gelu'))
    use_recomputed_feed_forwards(model)
    assert type(model[0]) is FeedForward
