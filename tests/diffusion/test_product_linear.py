from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from diffmm.diffusion import onednn_product
from diffmm.diffusion.product_linear import ProductLinear, use_product_linears

needs_onednn = pytest.mark.skipif(
    not torch.backends.mkldnn.is_available(), reason='needs oneDNN'
)


@pytest.fixture
def products(monkeypatch, onednn_is_faster):
    """Counts oneDNN's products, on a processor where they are the faster ones."""
    onednn_is_faster(True)
    calls = []
    operator = torch.ops.mkldnn._linear_pointwise

    def count(*arguments):
        calls.append(arguments)
        return operator(*arguments)

    monkeypatch.setattr(torch.ops.mkldnn, '_linear_pointwise', count)
    return calls


def _linears(bias=True):
    torch.manual_seed(0)
    plain = nn.Linear(24, 16, bias=bias)
    ours = nn.Sequential(copy.deepcopy(plain))
    use_product_linears(ours)
    return plain, ours[0]


def _gradients(linear, hidden, weights):
    hidden = hidden.detach().requires_grad_()
    found = linear(hidden)
    leaves = [hidden, *linear.parameters()]
    return found, *torch.autograd.grad((found * weights).sum(), leaves)


@needs_onednn
@pytest.mark.parametrize('bias', [True, False])
@pytest.mark.parametrize('shape', [(24,), (5, 24), (2, 7, 24), (2, 3, 4, 24)])
def test_it_is_the_same_layer(products, shape, bias):
    plain, ours = _linears(bias)
    hidden, weights = torch.randn(shape), torch.randn(*shape[:-1], 16)
    found = _gradients(ours, hidden, weights)
    assert len(products) == 3
    expected = _gradients(plain, hidden, weights)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


@needs_onednn
def test_any_strides_will_do(products):
    plain, ours = _linears()
    hidden = torch.randn(24, 7, 2).permute(2, 1, 0)
    weights = torch.randn(16, 1, 1).expand(16, 7, 2).permute(2, 1, 0)
    found = _gradients(ours, hidden, weights)
    assert len(products) == 3
    torch.testing.assert_close(
        found, _gradients(plain, hidden, weights), rtol=1e-5, atol=1e-5
    )


@needs_onednn
def test_what_is_frozen_costs_no_product(products):
    _, ours = _linears()
    ours.weight.requires_grad_(False)
    ours(torch.randn(5, 24)).sum().backward()
    assert len(products) == 1  # the bias has a sum
    assert ours.weight.grad is None and ours.bias.grad is not None


@needs_onednn
def test_a_second_derivative_is_that_of_the_plain_layer(products):
    found = []
    for linear in _linears():
        torch.manual_seed(1)
        hidden = torch.randn(5, 24, requires_grad=True)
        leaves = [hidden, linear.weight]
        value = linear(hidden).pow(3).sum()
        first = torch.autograd.grad(value, leaves, create_graph=True)
        found.append(torch.autograd.grad(sum(g.square().sum() for g in first), leaves))
    assert products
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-4)


def test_transforms_and_tracers_see_the_plain_layer(products):
    plain, ours = _linears()
    hidden = torch.randn(5, 24)
    found, expected = (
        torch.func.vmap(torch.func.grad(lambda row, layer=layer: layer(row).sum()))(
            hidden
        )
        for layer in (ours, plain)
    )
    torch.testing.assert_close(found, expected)
    torch.jit.trace(ours, hidden, check_trace=False)
    assert not products


def test_other_precisions_and_devices_are_left_alone(products):
    _, ours = _linears()
    hidden = torch.randn(5, 24)
    with torch.autocast('cpu', torch.bfloat16):
        assert ours(hidden).dtype == torch.bfloat16
    assert copy.deepcopy(ours).bfloat16()(hidden.bfloat16()).dtype == torch.bfloat16
    assert copy.deepcopy(ours).double()(hidden.double()).dtype == torch.float64
    assert ours.to('meta')(hidden.to('meta')).device.type == 'meta'
    assert not products


def test_few_multiply_adds_and_other_processors_are_left_alone(
    products, onednn_is_faster, monkeypatch
):
    _, ours = _linears()
    monkeypatch.setattr(onednn_product, '_LEAST_MULTIPLY_ADDS', 5 * 24 * 16 + 1)
    ours(torch.randn(5, 24))
    assert not products
    onednn_is_faster(False)
    ours(torch.randn(5, 24))
    assert not products


@pytest.mark.parametrize('vendor', ['AuthenticAMD', 'GenuineIntel', ''])
def test_mkl_is_slow_on_processors_of_amd(tmp_path, monkeypatch, vendor):
    file = tmp_path / 'cpuinfo'
    file.write_text(f'processor\t: 0\nvendor_id\t: {vendor}\n' if vendor else '')
    monkeypatch.setattr(onednn_product, 'Path', lambda name: file)
    monkeypatch.setattr(torch.backends.cpu, 'get_cpu_capability', lambda: 'AVX512')
    monkeypatch.setattr(torch.backends.mkl, 'is_available', lambda: True)
    monkeypatch.setattr(torch.backends.mkldnn, 'is_available', lambda: True)
    onednn_product._has_slow_mkl.cache_clear()
    try:
        assert onednn_product._has_slow_mkl() == (vendor == 'AuthenticAMD')
    finally:
        onednn_product._has_slow_mkl.cache_clear()


def test_layers_of_other_classes_keep_them():
    class Own(nn.Linear):
        pass

    model = nn.ModuleDict(dict(plain=nn.Linear(8, 8), own=Own(8, 8)))
    names = list(model.state_dict())
    use_product_linears(model)
    assert [type(model[name]) for name in model] == [ProductLinear, Own]
    assert list(model.state_dict()) == names


def test_an_exported_model_has_plain_layers(products):
    _, ours = _linears()
    program = torch.export.export(ours, (torch.randn(5, 24),))
    names = [str(node.target) for node in program.graph.nodes]
    assert not products and any('linear' in name for name in names)


def test_its_operations_are_counted(products):
    counts = []
    for linear in _linears():
        with FlopCounterMode(display=False) as counter:
            linear(torch.randn(5, 24)).sum().backward()
        counts.append(counter.get_total_flops())
    assert counts[0] == counts[1] > 0
    assert not products
