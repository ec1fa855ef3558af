"""Class maps of other data sets than ADE20K."""

from __future__ import annotations

import numpy as np

from ..classes import ADE20K_INDEX
from ..drawing.rendered_scene import RenderedScene


def label_map(
    rendered: RenderedScene, labels: dict[str, int], other: int
) -> np.ndarray:
    """Label of every pixel.

    Args:
        rendered: The scene.
        labels: Labels of classes of the mini world.
        other: Label of the classes that `labels` does not name.

    Returns:
        ``(H, W)`` uint8.
    """
    table = np.full(256, other, np.uint8)
    for name, label in labels.items():
        table[ADE20K_INDEX[name]] = label
    return table[rendered.ade20k_index]
