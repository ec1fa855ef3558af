from __future__ import annotations

import pytest
import torch
from mmengine.logging import MessageHub

from diffmm.models.seeded_generators import seeded_generators


@pytest.fixture
def run(monkeypatch):
    """Sets the seed and the iteration of a run."""

    def enter(seed, iteration):
        hub = MessageHub.get_current_instance()
        monkeypatch.setitem(hub.runtime_info, 'seed', seed)
        monkeypatch.setitem(hub.runtime_info, 'iter', iteration)

    return enter


def draw(numbers, *stream):
    return [
        torch.rand((), generator=g).item() for g in seeded_generators(numbers, *stream)
    ]


def test_numbers_belong_to_seed_iteration_sample_and_stream(run):
    run(5, 3)
    whole = draw([0, 1, 2, 3])
    torch.rand(7)  # what was drawn before does not count
    assert draw([0, 1]) + draw([2, 3]) == whole and draw([2, 0]) == whole[2::-2]
    others = [draw([0, 1, 2, 3], 1)]
    for seed, iteration in ((6, 3), (5, 4), (3, 5)):
        run(seed, iteration)
        others.append(draw([0, 1, 2, 3]))
    drawn = sum(others, whole)
    assert len(set(drawn)) == len(drawn) == 20


def test_outside_of_a_run_torch_s_generator_decides(run):
    run(None, None)
    torch.manual_seed(1)
    first, second = draw([0, 1]), draw([0, 1])
    torch.manual_seed(1)
    assert draw([0, 1]) == first and draw([0, 1]) == second
    assert len({*first, *second}) == 4
