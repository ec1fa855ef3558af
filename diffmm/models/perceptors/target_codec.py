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


def picture_name(sample: BaseDataElement) -> str:
    """Names the picture of a data sample in messages.

    Args:
        sample: The data sample.

    Returns:
        Its path, or ``'a sample'`` for one without, such as an array.
    """
    return str(sample.metainfo.get('img_path') or 'a sample')


class TargetCodec(ABC):
    """Base class: draws a target as a picture, and reads it back from one.

    Attributes:
        reference: Picture of the image that `decode` compares a prediction with:
            ``'input'``, the image itself; ``'reconstruction'``, what the VAE makes of
            it; None, no picture.
    """

    reference: str | None = None

    @abstractmethod
    def encode(
        self, samples: Sequence[BaseDataElement], images: Tensor | None = None
    ) -> PictureTarget:
        """Draws the targets of a batch.

        Args:
            samples: The data samples of the batch.
            images: The images, RGB in [-1, 1], shape (B, 3, H, W), for codecs that draw
                on them.

        Returns:
            The pictures, of the size of the targets.
        """

    @abstractmethod
    def decode(self, pictures: Tensor, reference: Tensor | None = None) -> Tensor:
        """Reads predictions from pictures.

        Args:
            pictures: Decoded predictions, in [-1, 1] but for overshoots, shape
                (B, 3, H, W).
            reference: What ``reference`` asks for, same shape.

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

    def write_network_frame(  # noqa: B027 - hosts' metrics have no such frame
        self, sample: BaseDataElement, prediction: Tensor
    ) -> None:
        """Puts a prediction into a data sample for metrics of the network's own frame.

        Args:
            sample: The data sample of the image.
            prediction: Its prediction in the size of the network's input, shape
                (C, H, W).
        """
