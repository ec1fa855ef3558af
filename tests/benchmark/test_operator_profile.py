import pytest
import torch

from diffmm.benchmark import KINDS, measure_rate, operator_profile, profile_backbone
from diffmm.benchmark.machine_rate import MachineRate


@pytest.fixture(autouse=True)
def rates(monkeypatch):
    """A machine that makes a floating-point operation in a microsecond."""
    asked = []

    def measure(dtype):
        asked.append(dtype)
        return MachineRate(1e6, 1e6)

    monkeypatch.setattr(operator_profile, 'measure_rate', measure)
    return asked


@pytest.mark.parametrize('precision', ['fp32', 'bf16'])
def test_parts_with_their_shares_and_bounds(build_backbone, rates, precision):
    backbone = build_backbone()
    rate, profiles = profile_backbone(backbone, (64, 64), 1, precision, repeats=1)
    encoder, forward, training = profiles
    names = ['image encoder', 'UNet forward', 'UNet training']
    assert [each.part for each in profiles] == names
    assert rates == [operator_profile.PRECISIONS[precision]]
    assert backbone.vae.quant_conv.weight.dtype == rates[0]
    for each in profiles:
        assert each.seconds > 0 and each.precision == precision
        assert tuple(each.shares) == KINDS
        assert sum(each.shares.values()) == pytest.approx(1)
    assert encoder.shares['convolution'] > 0.1
    assert forward.shares['attention'] > 0
    # A backward pass has two products for every one of the forward pass.
    assert training.bound == pytest.approx(3 * forward.bound, rel=0.05)
    assert not any(p.grad is not None for p in backbone.parameters())


@pytest.mark.parametrize(
    ('operator', 'kind'),
    [
        ('aten::mkldnn_convolution', 'convolution'),
        ('aten::_slow_conv2d_backward', 'convolution'),
        ('aten::_scaled_dot_product_flash_attention_for_cpu', 'attention'),
        ('aten::addmm', 'matrix product'),
        ('aten::native_group_norm_backward', 'norm'),
        ('aten::_to_copy', 'copy, cast'),
        ('aten::silu', 'other'),
    ],
)
def test_kinds_of_operators(operator, kind):
    assert operator_profile.kind_of(operator) == kind


def test_rates_are_those_of_a_processor():
    rate = measure_rate(torch.float32, repeats=1)
    assert all(1e8 < each < 1e15 for each in rate)


def test_options_that_are_refused(build_backbone):
    with pytest.raises(ValueError, match='repeats must be at least 1, got 0'):
        profile_backbone(build_backbone(), (64, 64), 1, 'fp32', repeats=0)
    with pytest.raises(ValueError, match="precision must be .* got 'fp16'"):
        profile_backbone(build_backbone(), (64, 64), 1, 'fp16')
    backbone = build_backbone().to('meta')
    with pytest.raises(ValueError, match='is on meta, .* those of a CPU'):
        profile_backbone(backbone, (64, 64), 1, 'fp32')
