from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from mmengine.registry import HOOKS
from torch import nn

import diffmm  # noqa: F401
from diffmm.engine import TrainableEMAHook


class Painter(nn.Module):
    """Draws caption number i in the gray level i, and notes how it was asked."""

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


def test_images_above_their_reconstructions():
    shown = []
    visualizer = SimpleNamespace(add_image=lambda *args: shown.append(args))
    runner = SimpleNamespace(rank=0, iter=9, visualizer=visualizer)
    hook = HOOKS.build(dict(type='ReconstructionGridHook', max_images=2))
    images = [torch.full((3, 32, 32), 10 * i, dtype=torch.uint8) for i in range(3)]
    outputs = [dict(reconstruction=image + 1) for image in images]
    for index in range(2):
        hook.after_val_iter(runner, index, dict(inputs=images), outputs)
    ((name, grid, step),) = shown
    assert (name, step) == ('reconstructed', 9)
    height = grid.shape[0] // 2
    assert (grid[height - 32 : height, 32:] == 10).all()
    assert (grid[-32:, 32:] == 11).all()
    assert grid.shape[1] == 64


def test_at_least_one_image():
    with pytest.raises(ValueError, match='got 0'):
        HOOKS.build(dict(type='ReconstructionGridHook', max_images=0))
