"""Scenes drawn at random."""

from __future__ import annotations

import itertools

import numpy as np

from ..classes import (
    BACK_TEXTURES,
    COLORS,
    GROUND_TEXTURES,
    OBJECT_CLASSES,
    PALETTES,
    PLACES,
    SIZES,
    TEXTURES,
    class_weight,
)
from .background import Background
from .scene import Scene, SceneObject, stand_clear

SPLITS = ('train', 'val')
# Numbers from here on belong to substitutes, see `sample_scene`.
MAX_SCENES = 10_000_000

MIN_OBJECTS, MAX_OBJECTS = 2, 5
# Smallest and largest box, as fractions of the picture's side.
MIN_HEIGHT, MAX_HEIGHT, MAX_WIDTH = 0.14, 0.8, 0.75
# Largest share of an object's box that the boxes of nearer objects cover in sum, so at
# least half of every box stays free.
MAX_COVER = 0.5
# Largest share of the width that may lie outside of the picture.
MAX_OUTSIDE = 0.15
PLACEMENT_TRIES = 60
TEXTURE_SHARES = (0.6, 0.2, 0.2)


class SceneSampler:
    """Random scenes, each a function of (seed, split, index) only.

    Scenes can be drawn in any order and by any number of processes. The splits draw
    from different random streams and share no scene.

    Args:
        seed: Non-negative seed of the whole world.

    Raises:
        ValueError: The seed is negative.
    """

    def __init__(self, seed: int = 0) -> None:
        if seed < 0:
            raise ValueError(f'seed must not be negative, got {seed}')
        self.seed = seed

    def sample(self, split: str, index: int) -> Scene:
        """Draws one scene.

        Args:
            split: ``'train'`` or ``'val'``.
            index: Number of the scene within the split, from zero.

        Returns:
            A scene of two to five objects.

        Raises:
            ValueError: The split is unknown.
        """
        if split not in SPLITS:
            raise ValueError(f'unknown split {split!r}, choose from {SPLITS}')
        key = (SPLITS.index(split), index)
        sequence = np.random.SeedSequence(self.seed, spawn_key=key)
        rng = np.random.Generator(np.random.PCG64(sequence))
        background = self._background(rng)
        wanted = self._wanted(rng, background.place)
        while True:
            for _ in range(PLACEMENT_TRIES):
                objects = self._place_all(rng, background, wanted)
                if objects is not None:
                    return Scene(background, objects)
            if len(wanted) > MIN_OBJECTS:
                wanted.pop()
            else:
                # Two objects can be too large for one picture, such as two houses.
                wanted = self._wanted(rng, background.place)

    def _wanted(self, rng: np.random.Generator, place: str) -> list[dict]:
        """Attributes of the objects that a scene gets if they fit."""
        count = rng.integers(MIN_OBJECTS, MAX_OBJECTS + 1)
        return [self._attributes(rng, place) for _ in range(count)]

    def _background(self, rng: np.random.Generator) -> Background:
        place = PLACES[rng.integers(len(PLACES))]
        back, ground = BACK_TEXTURES[place], GROUND_TEXTURES[place]
        boundary = float(rng.uniform(0.34, 0.5))
        roll = float(rng.uniform(0.0, 0.025))
        back_texture = back[rng.integers(len(back))]
        ground_texture = ground[rng.integers(len(ground))]
        return Background(
            place=place,
            boundary=boundary,
            roll=roll if place == 'outdoor' else 0.0,
            vanishing=boundary - 0.2,
            back_texture=back_texture,
            back_palette=int(rng.integers(len(PALETTES[back_texture]))),
            ground_texture=ground_texture,
            ground_palette=int(rng.integers(len(PALETTES[ground_texture]))),
            light=int(rng.choice((-1, 1))),
            seed=int(rng.integers(1 << 31)),
        )

    def _attributes(self, rng: np.random.Generator, place: str) -> dict:
        names = tuple(OBJECT_CLASSES)
        weights = np.array([class_weight(name, place) for name in names])
        return dict(
            name=names[rng.choice(len(names), p=weights / weights.sum())],
            color=tuple(COLORS)[rng.integers(len(COLORS))],
            size=tuple(SIZES)[rng.integers(len(SIZES))],
            texture=TEXTURES[rng.choice(len(TEXTURES), p=TEXTURE_SHARES)],
            mirrored=bool(rng.integers(2)),
            tint=float(rng.uniform(0.92, 1.04)),
            variation=tuple(float(value) for value in rng.random(3)),
        )

    def _place_all(
        self, rng: np.random.Generator, background: Background, wanted: list[dict]
    ) -> tuple[SceneObject, ...] | None:
        """Places all objects; None if one does not fit."""
        placed: list[SceneObject] = []
        for attributes in wanted:
            item = self._place(rng, background, attributes)
            if item is None:
                return None
            placed = sorted([*placed, item], key=lambda other: other.ground)
            if max(covered(placed)) > MAX_COVER or not all(
                stand_clear(background.camera, far, near)
                for far, near in itertools.combinations(placed, 2)
            ):
                return None
        return tuple(placed)

    def _place(
        self, rng: np.random.Generator, background: Background, attributes: dict
    ) -> SceneObject | None:
        kind = OBJECT_CLASSES[attributes['name']]
        ground = float(rng.uniform(background.boundary + 0.09, 0.97))
        height = kind.height * SIZES[attributes['size']] * background.scale(ground)
        width = height * kind.aspect
        if not MIN_HEIGHT <= height <= min(MAX_HEIGHT, ground) or width > MAX_WIDTH:
            return None
        edge = width * (0.5 - MAX_OUTSIDE)
        x = float(rng.uniform(edge, 1.0 - edge))
        return SceneObject(**attributes, x=x, ground=ground, width=width, height=height)


def covered(objects: list[SceneObject]) -> list[float]:
    """Share of each object's box that the boxes of nearer objects cover.

    Args:
        objects: From far to near.

    Returns:
        One share for each object. Covers are summed, so it is an upper bound where
        nearer boxes overlap.
    """
    shares = []
    for index, item in enumerate(objects):
        area = item.width * item.height
        hidden = sum(item.common_area(nearer) for nearer in objects[index + 1 :])
        shares.append(hidden / area)
    return shares


def sample_scene(
    sampler: SceneSampler, split: str, index: int, place: str | None = None
) -> Scene:
    """Draws a scene of one place.

    If scene `index` shows the other place, the first one that fits of the scenes
    `index` + 1, 2, 3, ... times `MAX_SCENES` replaces it. The result is a function of
    the arguments only, and different numbers give different scenes.

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
