"""The pinhole camera that sees a scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Camera:
    """A level camera above flat ground.

    Attributes:
        focal: Focal length as a fraction of the picture's side.
        height: Height above the ground in metres.
        horizon: Height of the horizon in the picture, a fraction, y points down.
    """

    focal: float
    height: float
    horizon: float

    def ground_depth(self, y: float | np.ndarray) -> float | np.ndarray:
        """Depth of the ground in metres at heights of the picture below the horizon."""
        return self.focal * self.height / (y - self.horizon)

    def metres(self, length: float, depth: float) -> float:
        """Metric length of something seen upright at a depth.

        Args:
            length: Length in the picture, a fraction of its side.
            depth: Depth in metres.
        """
        return length * depth / self.focal
