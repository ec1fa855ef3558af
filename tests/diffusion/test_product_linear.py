from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from diffmm.diffusion import onednn_product
from diffmm.diffusion.product_linear import ProductLinear, use_product_linears


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


@pytest.mark.parametrize('bias', [True, False])
@pytest.mark.parametrize('shape', [(24,), (5, 24), (2, 7, 24), (2, 3, 4, 24)])
def test_it_is_the_same_layer(products, shape, bias):
    plain, ours = _linears(bias)
    hidden, weights = torch.randn(shape), torch.randn(*shape[:-1], 16)
    found = _gradients(ours, hidden, weights)
    assert len(products) == (0 if len(shape) == 1 else 3)
    expected = _gradients(plain, hidden, weights)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_any_strides_will_do(products):
    plain, ours = _linears()
    hidden = torch.randn(24, 7, 2).permute(2, 1, 0)
    weights = torch.randn(16, 1, 1).expand(16, 7, 2).permute(2, 1, 0)
    found = _gradients(ours, hidden, weights)
    assert len(products) == 3
    torch.testing.assert_close(
        found, _gradients(plain, hidden, weights), rtol=1e-5, atol=1e-5
    )


def test_a_bias_of_any_strides(products):
    plain, ours = _linears()
    hidden = torch.randn(5, 24)
    for bias in (torch.randn(16, 2)[:, 0], torch.randn(1).expand(16)):
        plain.bias, ours.bias = nn.Parameter(bias), nn.Parameter(bias)
        torch.testing.assert_close(ours(hidden), plain(hidden), rtol=1e-5, atol=1e-5)
    assert len(products) == 2


def test_gaps_between_rows_are_closed(products):
    _, ours = _linears()
    ours(torch.randn(5, 2, 24)[:, 0])
    left, right, *_ = products[0]
    assert left.is_contiguous() and right.is_contiguous()


@pytest.mark.parametrize('frozen', ['input', 'weight'])
def test_what_is_frozen_keeps_no_operand(products, frozen):
    _, ours = _linears()
    hidden = torch.randn(5, 24)
    ours.weight.requires_grad_(frozen == 'input')
    hidden.requires_grad_(frozen == 'weight')
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(
        lambda tensor: kept.append(tensor.shape) or tensor, lambda tensor: tensor
    ):
        ours(hidden)
    assert kept == [hidden.shape if frozen == 'input' else ours.weight.shape]
    assert len(products) == 1


def test_what_is_frozen_costs_no_product(products):
    _, ours = _linears()
    ours.weight.requires_grad_(False)
    ours(torch.randn(5, 24)).sum().backward()
    assert len(products) == 1  # the bias has a sum
    assert ours.weight.grad is None and ours.bias.grad is not None


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


@pytest.mark.parametrize(
    ('change', 'hidden'),
    [
        ({}, torch.randn(5, 25)),
        ({}, torch.randn(5, 24).double()),
        ({}, torch.randint(3, (5, 24))),
        (dict(bias=torch.randn(16).double()), torch.randn(5, 24)),
        (dict(bias=torch.randn(15)), torch.randn(5, 24)),
    ],
)
def test_mistakes_have_the_errors_of_the_plain_layer(products, change, hidden):
    messages = []
    for linear in _linears():
        for name, value in change.items():
            setattr(linear, name, nn.Parameter(value))
        with pytest.raises(RuntimeError) as raised:
            linear(hidden)
        messages.append(str(raised.value))
    assert messages[0] == messages[1]
    assert not products


def test_gradients_in_batches_and_in_forward_mode(products):
    found = []
    for linear in _linears():
        torch.manual_seed(1)
        hidden = torch.randn(5, 24, requires_grad=True)
        output, many = linear(hidden), torch.randn(3, 5, 16)
        batched = torch.autograd.grad(output, hidden, many, is_grads_batched=True)
        with torch.autograd.forward_ad.dual_level():
            dual = torch.autograd.forward_ad.make_dual(hidden.detach(), hidden.detach())
            tangent = torch.autograd.forward_ad.unpack_dual(linear(dual)).tangent
        found.append((*batched, tangent))
    torch.testing.assert_close(*found, rtol=1e-5, atol=1e-5)


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


def test_layers_of_other_classes_keep_them():
    class Own(nn.Linear):
        pass

    model = nn.ModuleDict(dict(plain=nn.Linear(8, 8), own=Own(8, 8)))
    names = list(model.state_dict())
    use_product_linears(model)
    assert [type(model[name]) for name in model] == [ProductLinear, Own]
    assert list(model.state_dict()) == names


def test_an_exported_model_has_plain_layers_for_any_size(products, monkeypatch):
    monkeypatch.setattr(onednn_product, '_LEAST_MULTIPLY_ADDS', 10 * 24 * 16)
    _, ours = _linears()
    sizes = ({0: torch.export.Dim('n', min=1, max=64)},)
    for strict in (False, True):
        program = torch.export.export(
            ours, (torch.randn(5, 24),), dynamic_shapes=sizes, strict=strict
        )
        assert any('linear' in str(node.target) for node in program.graph.nodes)
    assert not products


def test_a_compiled_model_is_one_graph(onednn_is_faster, monkeypatch):
    monkeypatch.undo()  # the real question about the processor
    monkeypatch.setattr(onednn_product, '_LEAST_MULTIPLY_ADDS', 0)
    plain, ours = _linears()
    compiled = torch.compile(ours, backend='eager', fullgraph=True)
    hidden = torch.randn(5, 24)
    torch.testing.assert_close(compiled(hidden), plain(hidden))


def test_its_operations_are_counted(products):
    counts = []
    for linear in _linears():
        with FlopCounterMode(display=False) as counter:
            linear(torch.randn(5, 24)).sum().backward()
        counts.append(counter.get_total_flops())
    assert counts[0] == counts[1] > 0
    assert not products
