"""Pictures of the mini world that the page offers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from diffmm.mini_world import Renderer, SceneSampler, refer

# Apart from the scenes of every training: pre-training has 1000, the data sets have 0.
_SEED = 7000
_SIZE = 128


class Example(NamedTuple):
    """A picture with something to find in it.

    Attributes:
        picture: BGR, (H, W, 3), uint8.
        text: An expression of one of its objects.
        names: What it shows.
    """

    picture: np.ndarray
    text: str
    names: tuple[str, ...]


def draw_examples(count: int = 9) -> list[Example]:
    """Draws scenes with at least two objects that can be named.

    Args:
        count: Number of pictures.

    Returns:
        Always the same ones.
    """
    sampler, renderer = SceneSampler(_SEED), Renderer(_SIZE)
    found: list[Example] = []
    index = 0
    while len(found) < count:
        scene = sampler.sample('val', index)
        index += 1
        expressions = refer(scene)
        if len({each.object_index for each in expressions}) < 2:
            continue
        # Short ones first: class, color.
        text = min(expressions, key=lambda each: len(each.text.split())).text
        image = renderer.render(scene).image
        background = scene.background
        names = dict.fromkeys(item.name for item in scene.objects)
        names |= dict.fromkeys([background.ground_class, background.back_class])
        found.append(
            Example(np.ascontiguousarray(image[..., ::-1]), text, tuple(names))
        )
    return found
