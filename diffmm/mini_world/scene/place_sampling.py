"""Scenes of one place only."""

from __future__ import annotations

from ..classes import PLACES
from .scene import Scene
from .scene_sampler import SceneSampler

# Far more scenes than anybody draws, so that substitutes never repeat a scene.
MAX_SCENES = 10_000_000


def sample_scene(
    sampler: SceneSampler, split: str, index: int, place: str | None = None
) -> Scene:
    """Draws scene number `index`, or a substitute where its place does not fit.

    Substitutes are the scenes `index` + 1, 2, 3, ... times `MAX_SCENES`. The result is
    a function of the arguments only, and different numbers give different scenes.

    Args:
        sampler: Source of the scenes.
        split: ``'train'`` or ``'val'``.
        index: Number of the scene within the split, below `MAX_SCENES`.
        place: ``'outdoor'``, ``'indoor'`` or None for either.

    Raises:
        ValueError: The index is too large, or the place unknown.
    """
    if index >= MAX_SCENES:
        raise ValueError(f'at most {MAX_SCENES} scenes a split, got number {index}')
    if place is not None and place not in PLACES:
        raise ValueError(f'unknown place {place!r}, choose from {PLACES}')
    while True:
        scene = sampler.sample(split, index)
        if place is None or scene.background.place == place:
            return scene
        index += MAX_SCENES
