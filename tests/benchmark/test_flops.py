"""Tests of the FLOP count."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from diffmm.benchmark import count_flops


class Attention(nn.Module):
    """Fused attention over the rows of a map."""

    def __init__(self):
        super().__init__()
        self.project = nn.Linear(8, 8, bias=False)

    def forward(self, tokens):
        query = self.project(tokens)
        return (F.scaled_dot_product_attention(query, tokens, tokens),)


class TwoOutputs(nn.Module):
    """One output with gradient and one without."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 6, bias=False)

    def forward(self, values):
        output = self.layer(values)
        return output, output.detach()


def test_fused_attention_is_counted():
    tokens = torch.randn(2, 3, 16, 8)
    projection = 2 * (2 * 3 * 16) * 8 * 8
    products = 2 * (2 * (2 * 3) * 16 * 16 * 8)

    assert count_flops(Attention(), (tokens,)) == projection + products


def test_equals_a_count_of_real_arithmetic():
    module = nn.ModuleList([nn.Conv2d(3, 8, 3, padding=1), Attention()])
    image = torch.randn(1, 3, 6, 5)

    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = module

        def forward(self, image):
            return self.parts[1](self.parts[0](image).flatten(2).transpose(1, 2))

    with (
        sdpa_kernel(SDPBackend.MATH),
        FlopCounterMode(display=False) as counter,
    ):
        Both()(image)[0].sum().backward()

    assert count_flops(Both(), (image,), backward=True) == counter.get_total_flops()


def test_backward_counts_outputs_with_gradient_only():
    values = torch.randn(5, 4)
    forward = 2 * 5 * 4 * 6

    assert count_flops(TwoOutputs(), (values,)) == forward
    assert count_flops(TwoOutputs(), (values,), backward=True) == 2 * forward
    trained = values.requires_grad_()
    assert count_flops(TwoOutputs(), (trained,), backward=True) == 3 * forward


def test_nothing_is_computed_or_changed():
    module = TwoOutputs()

    count_flops(module, (torch.randn(5, 4),), backward=True)

    assert module.layer.weight.device.type == 'cpu'
    assert module.layer.weight.grad is None
