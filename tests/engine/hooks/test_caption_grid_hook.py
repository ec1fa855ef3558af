from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from mmengine.registry import HOOKS
from torch import nn

import diffmm  # noqa: F401
from diffmm.engine import TrainableEMAHook


class Painter(nn.Module):
    """Draws caption number i in the grey level i, and notes how it was asked."""

    def generate(self, captions, **options):
        self.options = options
        levels = torch.arange(len(captions), dtype=torch.uint8)
        return levels[:, None, None, None].expand(-1, 3, 32, 32)


def fake_runner(rank=0):
    shown = []
    visualizer = SimpleNamespace(add_image=lambda *args: shown.append(args))
    runner = SimpleNamespace(model=Painter(), rank=rank, iter=7, visualizer=visualizer)
    return runner, shown


def build(**options):
    config = dict(type='CaptionGridHook', captions=['one', 'two', 'three'])
    return HOOKS.build(config | options)


def test_grid_goes_to_the_visualizer():
    runner, shown = fake_runner()
    build(steps=4, guidance=2.0, seed=3, columns=3).after_val_epoch(runner)
    ((name, grid, step),) = shown
    assert (name, step) == ('generated', 7)
    assert runner.model.options == dict(steps=4, guidance=2.0, seed=3)
    assert grid.shape[1] == 3 * 32
    bottom = grid[-32:]
    for index in range(3):
        assert (bottom[:, 32 * index : 32 * (index + 1)] == index).all()


def test_main_process_draws_and_averages_are_still_in_place():
    runner, shown = fake_runner(rank=1)
    hook = build()
    hook.after_val_epoch(runner)
    assert shown == []
    average = TrainableEMAHook()
    assert hook.priority == 'ABOVE_NORMAL' and average.priority == 'NORMAL'


@pytest.mark.parametrize('captions', [[], 'a tree'])
def test_captions_are_a_list(captions):
    with pytest.raises(ValueError, match='captions must be a list of texts'):
        build(captions=captions)
