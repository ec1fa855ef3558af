"""Tests of the table of peak rates."""

import pytest
import torch

from diffmm.benchmark import lookup_peak_tflops


@pytest.mark.parametrize(
    ('name', 'bf16'),
    [
        ('NVIDIA A100-SXM4-80GB', 312),
        ('NVIDIA A10G', 70),
        ('NVIDIA A10', 125),
        ('NVIDIA H100 80GB HBM3', 989),
        ('NVIDIA H100 PCIe', 756),
        ('NVIDIA H200', 989),
        ('NVIDIA L40S', 362),
        ('NVIDIA L4', 121),
        ('NVIDIA GeForce RTX 4090', 165.2),
        ('NVIDIA GeForce RTX 4090 Laptop GPU', None),
        ('NVIDIA RTX A4000', None),
        ('NVIDIA L40', None),
        ('Tesla V100-SXM2-16GB', None),
    ],
)
def test_finds_devices_by_whole_names(name, bf16):
    assert lookup_peak_tflops(name, 'bf16') == bf16


@pytest.fixture
def tf32_switches():
    """Put PyTorch's TF32 switches back after the test."""
    before = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    yield
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = before


@pytest.mark.usefixtures('tf32_switches')
def test_fp32_follows_the_tf32_switches():
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    assert lookup_peak_tflops('NVIDIA A100-SXM4-80GB', 'fp32') == 19.5

    torch.backends.cudnn.allow_tf32 = True
    assert lookup_peak_tflops('NVIDIA A100-SXM4-80GB', 'fp32') == 156
    assert lookup_peak_tflops('Tesla V100-SXM2-16GB', 'fp32') == 15.7


def test_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="'fp8'"):
        lookup_peak_tflops('NVIDIA H200', 'fp8')
