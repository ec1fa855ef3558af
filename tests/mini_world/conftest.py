"""One small world of every layout, and what it must hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from mmengine.registry import DATASETS
from mmengine.utils import import_modules_from_strings

from diffmm.mini_world import RenderedScene, Renderer, SceneSampler, generate
from diffmm.mini_world.layouts import LAYOUTS
from diffmm.mini_world.layouts.host_datasets import host_datasets
from diffmm.mini_world.scenes.sampler import sample_scene

NUM_TRAIN, NUM_VAL, SIZE, SEED = 24, 12, 96, 0


@pytest.fixture(scope='session')
def worlds(tmp_path_factory) -> Path:
    """Folder of a world in every layout."""
    root = tmp_path_factory.mktemp('worlds')
    generate(root, 'all', NUM_TRAIN, NUM_VAL, size=SIZE, seed=SEED)
    return root


@pytest.fixture
def host_dataset(worlds) -> Callable:
    """Builds one of the hosts' data sets on the world, with changes to its config."""

    def build(name: str, **changes: object) -> object:
        config = {**host_datasets(worlds)[name], **changes}
        host = config['type'].split('.')[0]
        import_modules_from_strings(f'{host}.datasets')
        return DATASETS.build(config)

    return build


@pytest.fixture(scope='session')
def render() -> Callable[[str, str, int], RenderedScene]:
    """Renders the scene that a layout holds under a number."""
    sampler, renderer = SceneSampler(SEED), Renderer(SIZE)

    def draw(layout: str, split: str, index: int) -> RenderedScene:
        place = LAYOUTS[layout].place
        return renderer.render(sample_scene(sampler, split, index, place))

    return draw
