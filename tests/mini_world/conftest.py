"""What the `mini_worlds` must hold, and how the hosts read them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from mmengine.registry import DATASETS
from mmengine.utils import import_modules_from_strings

from diffmm.mini_world import RenderedScene, Renderer, SceneSampler
from diffmm.mini_world.layouts import LAYOUTS
from diffmm.mini_world.layouts.readers import dataset_configs
from diffmm.mini_world.scenes.sampler import sample_scene

SIZE, SEED = 96, 0


@pytest.fixture(scope='session')
def worlds(mini_worlds) -> Path:
    """Folder of a world in every layout."""
    return mini_worlds


@pytest.fixture
def host_dataset(worlds) -> Callable:
    """Builds a data set that reads the world, with changes to its config."""

    def build(name: str, **changes: object) -> object:
        config = {**dataset_configs(worlds)[name], **changes}
        host = config['type'].rpartition('.')[0]
        import_modules_from_strings(f'{host or "diffmm"}.datasets')
        return DATASETS.build(config)

    return build


@pytest.fixture(scope='session')
def render() -> Callable[[str, str, int], RenderedScene]:
    """Renders the scene that a layout holds under a number, once."""
    sampler, renderer = SceneSampler(SEED), Renderer(SIZE)

    @cache
    def draw_at(place: str | None, split: str, index: int) -> RenderedScene:
        return renderer.render(sample_scene(sampler, split, index, place))

    def draw(layout: str, split: str, index: int) -> RenderedScene:
        return draw_at(LAYOUTS[layout].place, split, index)

    return draw
