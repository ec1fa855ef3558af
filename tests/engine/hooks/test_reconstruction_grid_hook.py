from types import SimpleNamespace

import pytest
import torch
from mmengine.registry import HOOKS

import diffmm  # noqa: F401


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
