"""Tests of the exact memory count."""

import pytest
import torch
from torch import nn

from diffmm.benchmark import measure_memory_rise, tensor_bytes

CPU = torch.device('cpu')
MIB = 1 << 20


def test_counts_a_known_allocation_to_the_byte():
    rise = measure_memory_rise(lambda: torch.empty(3 * MIB, dtype=torch.uint8), CPU)

    assert rise == 3 * MIB


def test_counts_the_peak_and_not_the_sum():
    def overlap():
        first = torch.empty(2 * MIB, dtype=torch.uint8)
        second = torch.empty(4 * MIB, dtype=torch.uint8)
        del first
        third = torch.empty(1 * MIB, dtype=torch.uint8)
        del second
        return third

    assert measure_memory_rise(overlap, CPU) == 6 * MIB


def test_what_existed_before_does_not_count():
    kept = torch.ones(MIB)

    rise = measure_memory_rise(lambda: kept.mul_(2), CPU)

    assert rise < 1024


def test_repeated_measurements_agree():
    def step():
        return torch.randn(64, 64) @ torch.randn(64, 64)

    step()
    assert measure_memory_rise(step, CPU) == measure_memory_rise(step, CPU)


def test_sees_what_autograd_keeps():
    layers = nn.Sequential(*[nn.Sigmoid() for _ in range(10)])
    values = torch.randn(MIB // 4, requires_grad=True)

    def forward(grad):
        with torch.set_grad_enabled(grad):
            return layers(values)

    assert measure_memory_rise(lambda: forward(True), CPU) == 10 * MIB
    assert measure_memory_rise(lambda: forward(False), CPU) == 2 * MIB


def test_other_devices_are_refused():
    with pytest.raises(ValueError, match="'meta'"):
        measure_memory_rise(lambda: None, torch.device('meta'))


def test_shared_storage_counts_once():
    tensor = torch.zeros(10, 10)

    assert tensor_bytes([tensor, tensor[2:], tensor.T]) == 400
    assert tensor_bytes([tensor, tensor.clone()]) == 800
    assert tensor_bytes([]) == 0
