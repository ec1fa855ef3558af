"""A thing found by a text, with the steps that led to it, and drawings of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from diffmm.utils.picture_file import write_picture
from diffmm.visualization.image_grid import draw_image_grid

_RED = np.array((230, 30, 30))
_OPACITY = 0.6


@dataclass(frozen=True)
class ReferringStep:
    """The prediction of one step of denoising.

    Attributes:
        timestep: Where the step began, from 999, noise, down to 0.
        strength: How strongly every pixel is painted ``(H, W)``, float32, in [0, 1].
        mask: Where that exceeds the model's threshold ``(H, W)``, bool.
        score: The largest mean strength of a window of 8x8 pixels. That of an empty
            mask tells how close anything came.
    """

    timestep: float
    strength: np.ndarray
    mask: np.ndarray
    score: float


@dataclass(frozen=True)
class FoundThing:
    """A picture, and the mask of what a text refers to.

    Attributes:
        image: BGR picture ``(H, W, 3)``, uint8.
        text: What to find.
        corrections: What was not meant.
        result: The prediction.
        steps: What every step of denoising predicted, the noisiest first; empty if
            that was not asked for.
    """

    image: np.ndarray
    text: str
    corrections: tuple[str, ...]
    result: ReferringStep
    steps: tuple[ReferringStep, ...] = ()

    @property
    def mask(self) -> np.ndarray:
        """Where the thing is ``(H, W)``, bool; False everywhere if it is nowhere."""
        return self.result.mask

    @property
    def score(self) -> float:
        """Score of the mask, see `ReferringStep`."""
        return self.result.score

    @property
    def is_empty(self) -> bool:
        """Tells if nothing was found."""
        return not self.mask.any()

    def overlay(self, step: int | None = None) -> np.ndarray:
        """Paints the mask over the picture.

        Args:
            step: Number of a step, instead of the result.

        Returns:
            RGB image ``(H, W, 3)``, uint8.
        """
        mask = self.mask if step is None else self.steps[step].mask
        drawn = self._rgb
        drawn[mask] = _OPACITY * _RED + (1 - _OPACITY) * drawn[mask]
        return drawn

    def draw_steps(self, columns: int | None = None) -> np.ndarray:
        """Draws the mask of every step under its timestep, beside the picture.

        Args:
            columns: Pictures in a row.

        Returns:
            RGB image, uint8.
        """
        drawings = [self._rgb, *map(self.overlay, range(len(self.steps)))]
        titles = ['the picture', *(f't = {s.timestep:g}' for s in self.steps)]
        return draw_image_grid(drawings, titles, columns)

    def save_overlay(self, path: str | Path) -> None:
        """Writes the overlay to an image file, making its folder."""
        write_picture(path, self.overlay()[..., ::-1])

    def save_mask(self, path: str | Path) -> None:
        """Writes the mask, 255 in it and 0 outside, making the file's folder."""
        write_picture(path, self.mask.astype(np.uint8) * 255)

    @property
    def _rgb(self) -> np.ndarray:
        return self.image[..., ::-1].copy()
