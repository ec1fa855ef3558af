"""Targets as pictures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from mmengine.structures import BaseDataElement
from torch import Tensor


class PictureTarget(NamedTuple):
    """Targets of a batch, drawn as pictures.

    Attributes:
        pictures: RGB in [-1, 1], shape (B, 3, H, W).
        valid: Where the target is known, bool, shape (B, 1, H, W).
    """

    pictures: Tensor
    valid: Tensor


class TargetCodec(ABC):
    """Base class: draws a target as a picture, and reads it back from one."""

    @abstractmethod
    def encode(self, samples: Sequence[BaseDataElement]) -> PictureTarget:
        """Draws the targets of a batch.

        Args:
            samples: The data samples of the batch.

        Returns:
            The pictures, of the size of the targets.
        """

    @abstractmethod
    def decode(self, pictures: Tensor) -> Tensor:
        """Reads predictions from pictures.

        Args:
            pictures: Decoded predictions, in [-1, 1] but for overshoots, shape
                (B, 3, H, W).

        Returns:
            The predictions, shape (B, C, H, W).
        """

    @abstractmethod
    def write(
        self, sample: BaseDataElement, prediction: Tensor, uncertainty: Tensor | None
    ) -> None:
        """Puts a prediction into a data sample, as the host's metric expects it.

        Args:
            sample: The data sample of the image.
            prediction: Its prediction in the size of the image, shape (C, H, W).
            uncertainty: Of an ensemble, same shape; None without one.
        """
