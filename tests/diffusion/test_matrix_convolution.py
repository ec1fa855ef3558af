from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from diffmm.diffusion.matrix_convolution import MatrixConv2d, use_matrix_convolutions


def _convolutions(channels=40, stride=1, bias=True, kernel=3):
    torch.manual_seed(0)
    plain = nn.Conv2d(channels, 8, kernel, stride, padding=kernel // 2, bias=bias)
    ours = nn.Sequential(copy.deepcopy(plain))
    use_matrix_convolutions(ours)
    return plain, ours[0]


@pytest.fixture
def products(monkeypatch):
    """Counts the calls of PyTorch's matrix product."""
    calls = []
    operator = torch.ops.aten.thnn_conv2d

    def count(*arguments):
        calls.append(arguments)
        return operator(*arguments)

    monkeypatch.setattr(torch.ops.aten, 'thnn_conv2d', count)
    return calls


@pytest.mark.parametrize('library', ['PyTorch', 'oneDNN'])
@pytest.mark.parametrize('bias', [True, False])
@pytest.mark.parametrize('stride', [1, 2])
@pytest.mark.parametrize('shape', [(1, 2, 2), (2, 2, 2), (1, 1, 3)])
def test_it_is_the_same_convolution(
    products, onednn_is_faster, shape, stride, bias, library
):
    batch, height, width = shape
    plain, ours = _convolutions(stride=stride, bias=bias)
    seen = torch.randn(batch, 40, height, width, requires_grad=True)
    onednn_is_faster(library == 'oneDNN')
    found, expected = ours(seen), plain(seen)
    assert len(products) == (library == 'PyTorch')
    assert ('_ConvolutionProduct' in type(found.grad_fn).__name__) == (
        library == 'oneDNN'
    )
    assert found.is_contiguous()
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
    weights = torch.randn_like(found)
    for a, b in zip(
        torch.autograd.grad((found * weights).sum(), [seen, *ours.parameters()]),
        torch.autograd.grad((expected * weights).sum(), [seen, *plain.parameters()]),
        strict=True,
    ):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize('frozen', ['input', 'weight', 'bias'])
def test_what_is_frozen_gets_no_gradient(onednn_is_faster, frozen):
    plain, ours = _convolutions()
    onednn_is_faster(True)
    gradients = []
    for convolution in (plain, ours):
        torch.manual_seed(1)
        seen = torch.randn(1, 40, 2, 2, requires_grad=True)
        leaves = dict(input=seen, weight=convolution.weight, bias=convolution.bias)
        leaves[frozen].requires_grad_(False)
        convolution(seen).square().sum().backward()
        gradients.append({name: leaf.grad for name, leaf in leaves.items()})
    expected, found = gradients
    assert [name for name in found if found[name] is None] == [frozen]
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_a_bias_with_gaps_and_gradients_in_batches(onednn_is_faster):
    onednn_is_faster(True)
    bias = nn.Parameter(torch.randn(8, 2)[:, 0])
    found = []
    for convolution in _convolutions():
        convolution.bias = bias
        torch.manual_seed(1)
        seen = torch.randn(2, 40, 2, 2, requires_grad=True)
        output, many = convolution(seen), torch.randn(3, 2, 8, 2, 2)
        leaves = [seen, convolution.weight]
        grads = torch.autograd.grad(output, leaves, many, is_grads_batched=True)
        found.append((output, *grads))
    torch.testing.assert_close(*found, rtol=1e-5, atol=1e-5)


def test_a_second_derivative_is_that_of_the_plain_convolution(onednn_is_faster):
    onednn_is_faster(True)
    found = []
    for convolution in _convolutions():
        torch.manual_seed(1)
        seen = torch.randn(1, 40, 2, 2, requires_grad=True)
        leaves = [seen, convolution.weight]
        value = convolution(seen).pow(3).sum()
        first = torch.autograd.grad(value, leaves, create_graph=True)
        found.append(torch.autograd.grad(sum(g.square().sum() for g in first), leaves))
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-3)


def test_few_positions_are_those_of_the_output_and_of_the_whole_batch(products):
    _, ours = _convolutions(channels=40)
    for shape, expected in (
        ((1, 40, 2, 4), 1),
        ((2, 40, 2, 2), 1),
        ((1, 40, 3, 3), 0),
        ((3, 40, 2, 2), 0),
    ):
        products.clear()
        ours(torch.randn(shape))
        assert len(products) == expected, shape
    _, halving = _convolutions(channels=40, stride=2)
    products.clear()
    halving(torch.randn(1, 40, 4, 7))
    assert len(products) == 1


def test_other_precisions_devices_and_an_empty_batch_are_left_alone(products):
    _, ours = _convolutions()
    assert ours.double()(torch.randn(1, 40, 2, 2).double()).dtype == torch.float64
    assert ours.float()(torch.randn(0, 40, 2, 2)).shape == (0, 8, 2, 2)
    assert ours.to('meta')(torch.empty(1, 40, 2, 2, device='meta')).shape[1] == 8
    assert not products


def test_autocast_runs_it_in_bfloat16(products):
    plain, ours = _convolutions()
    seen = torch.randn(1, 40, 2, 2)
    with torch.autocast('cpu', torch.bfloat16):
        found, expected = ours(seen), plain(seen)
    assert len(products) == 1 and found.dtype == torch.bfloat16
    torch.testing.assert_close(found, expected, rtol=2e-2, atol=2e-2)
    found.float().sum().backward()
    assert ours.weight.grad.dtype == torch.float32
    disabled = torch.autocast('cpu', enabled=False)
    with torch.autocast('cpu', torch.bfloat16), disabled:
        assert ours(seen).dtype == torch.float32


def test_channels_last_and_weights_in_bfloat16(products):
    plain, ours = _convolutions()
    seen = torch.randn(1, 40, 2, 2).bfloat16()
    expected = plain.bfloat16()(seen)
    ours.bfloat16().to(memory_format=torch.channels_last)
    found = ours(seen.to(memory_format=torch.channels_last))
    assert len(products) == 1
    torch.testing.assert_close(found, expected, rtol=2e-2, atol=2e-2)


def test_convolutions_of_other_kinds_keep_their_class():
    class Own(nn.Conv2d):
        pass

    model = nn.ModuleDict(
        dict(
            plain=nn.Conv2d(8, 8, 3, padding=1),
            one=nn.Conv2d(8, 8, 1),
            groups=nn.Conv2d(8, 8, 3, groups=2),
            dilated=nn.Conv2d(8, 8, 3, dilation=2),
            reflected=nn.Conv2d(8, 8, 3, padding=1, padding_mode='reflect'),
            same=nn.Conv2d(8, 8, 3, padding='same'),
            own=Own(8, 8, 3),
        )
    )
    names = list(model.state_dict())
    use_matrix_convolutions(model)
    changed = [name for name in model if type(model[name]) is MatrixConv2d]
    assert changed == ['plain']
    assert list(model.state_dict()) == names


def test_a_compiled_model_has_plain_convolutions(products):
    _, ours = _convolutions()
    program = torch.export.export(ours, (torch.randn(1, 40, 2, 2),))
    names = [str(node.target) for node in program.graph.nodes]
    assert not products and any('conv2d' in name for name in names)
    assert not any('thnn' in name for name in names)


def test_its_operations_are_counted(products):
    plain, ours = _convolutions()
    counts = []
    for convolution in (plain, ours):
        with FlopCounterMode(display=False) as counter:
            convolution(torch.randn(1, 40, 2, 2)).sum().backward()
        counts.append(counter.get_total_flops())
    assert counts[0] == counts[1] > 0
    assert not products
