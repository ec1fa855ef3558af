"""A scene with its picture and masks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .classes import ADE20K_INDEX
from .scene import Scene


@dataclass(frozen=True)
class RenderedScene:
    """What the writers of annotations start from.

    Attributes:
        scene: The scene, objects from far to near.
        image: RGB, ``(H, W, 3)`` uint8.
        ground: Where the ground is, objects ignored, ``(H, W)`` bool.
        amodal: Each object's mask as if nothing stood before it, cut at the edges of
            the picture, ``(N, H, W)`` bool, in the order of `scene.objects`.
    """

    scene: Scene
    image: np.ndarray
    ground: np.ndarray
    amodal: np.ndarray

    @property
    def instances(self) -> np.ndarray:
        """Index into `scene.objects` of what is seen, -1 for none, ``(H, W)`` int8."""
        owner = np.full(self.ground.shape, -1, np.int8)
        for index, mask in enumerate(self.amodal):
            owner[mask] = index
        return owner

    @property
    def visible(self) -> np.ndarray:
        """The part of each object that is seen, ``(N, H, W)`` bool."""
        indices = np.arange(len(self.amodal), dtype=np.int8)
        return self.instances[None] == indices[:, None, None]

    @property
    def ade20k_index(self) -> np.ndarray:
        """Class of every pixel among ADE20K's 150, ``(H, W)`` uint8."""
        background = self.scene.background
        classes = np.where(
            self.ground,
            np.uint8(ADE20K_INDEX[background.ground_class]),
            np.uint8(ADE20K_INDEX[background.back_class]),
        )
        for item, mask in zip(self.scene.objects, self.amodal, strict=True):
            classes[mask] = ADE20K_INDEX[item.name]
        return classes
