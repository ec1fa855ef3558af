"""Answers as colors that fill the picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement
from PIL import ImageColor
from torch import Tensor

from .target_codec import PictureTarget, TargetCodec, picture_name
from .unit_pixels import to_uint8

# Lowest and highest hue (0 to 180), saturation and value of every color, as released.
_RANGES = dict(
    black=((0, 0, 0), (180, 255, 46)),
    white=((0, 0, 221), (180, 30, 255)),
    red=((156, 43, 46), (180, 255, 255)),
    red_too=((0, 43, 46), (10, 255, 255)),
    orange=((11, 43, 46), (25, 255, 255)),
    yellow=((26, 43, 46), (34, 255, 255)),
    green=((35, 43, 46), (77, 255, 255)),
    cyan=((78, 43, 46), (99, 255, 255)),
    blue=((100, 43, 46), (124, 255, 255)),
    purple=((125, 43, 46), (155, 255, 255)),
)


@TASK_UTILS.register_module()
class AnswerColorCodec(TargetCodec):
    """The whole picture in the color that an instruction gives to its answer.

    InstructCV classifies so: "show red if you see the cat, otherwise blue".

    Example:
        >>> codec = TASK_UTILS.build(dict(type='AnswerColorCodec'))
        >>> from mmengine.structures import BaseDataElement
        >>> sample = BaseDataElement(metainfo=dict(answer='red'))
        >>> target = codec.encode([sample], torch.zeros(1, 3, 8, 8))
        >>> target.pictures[0, :, 0, 0].tolist()
        [1.0, -1.0, -1.0]
        >>> codec.write(sample, codec.decode(target.pictures)[0], None)
        >>> sample.metainfo['pred_answer']
        'red'
    """

    def encode(
        self, samples: Sequence[BaseDataElement], images: Tensor | None = None
    ) -> PictureTarget:
        """Draws the answers of a batch.

        Args:
            samples: With ``answer``, the name of a color that Pillow knows, in their
                metainfo.
            images: Shape (B, 3, H, W), for the size.

        Returns:
            The pictures, and a mask that is True everywhere.

        Raises:
            ValueError: There are no images, or a data sample has no answer.
        """
        if images is None:
            raise ValueError('an answer has the size of its image, got none')
        for sample in samples:
            if 'answer' not in sample.metainfo:
                raise ValueError(
                    f"{picture_name(sample)} has no 'answer': "
                    'the training pipeline needs DrawQuery, and in the packing '
                    "transform's keys 'answer'"
                )
        colors = torch.stack([color(sample.metainfo['answer']) for sample in samples])
        pictures = colors.to(images)[..., None, None].expand(-1, -1, *images.shape[-2:])
        return PictureTarget(pictures, torch.ones_like(pictures[:, :1]).bool())

    def decode(self, pictures: Tensor, reference: Tensor | None = None) -> Tensor:
        """Returns the pictures.

        Args:
            pictures: Shape (B, 3, H, W).
            reference: Not used.

        Returns:
            The same in [-1, 1].
        """
        return pictures.clamp(-1, 1)

    def write(
        self, sample: BaseDataElement, prediction: Tensor, uncertainty: Tensor | None
    ) -> None:
        """Puts the answer into a data sample.

        Args:
            sample: The data sample; gets ``pred_answer``, the name of a color, in its
                metainfo.
            prediction: The picture, shape (3, H, W).
            uncertainty: Not used.
        """
        sample.set_metainfo(dict(pred_answer=dominant_color(to_uint8(prediction))))


def color(name: str) -> Tensor:
    """RGB in [-1, 1] of a color that Pillow knows by name, shape (3,)."""
    return torch.tensor(ImageColor.getrgb(name)) / 127.5 - 1


def distance_to_color(picture: Tensor, name: str) -> float:
    """Measures how far a picture is from a color, by which InstructCV compares answers.

    Args:
        picture: RGB in [-1, 1], shape (3, H, W).
        name: A color that Pillow knows.

    Returns:
        Mean distance of the pixels, from 0 to 2 times the root of 3.
    """
    away = picture.float() - color(name).to(picture.device).view(3, 1, 1)
    return away.square().sum(dim=0).sqrt().mean().item()


def dominant_color(picture: np.ndarray) -> str:
    """Names the color that covers most of a picture, as InstructCV's released code.

    Args:
        picture: RGB, shape (H, W, 3), uint8.

    Returns:
        ``'black'``, ``'white'``, ``'red'``, ``'orange'``, ``'yellow'``, ``'green'``,
        ``'cyan'``, ``'blue'`` or ``'purple'``: that whose pixels, dilated twice, have
        the contours of the largest area.
    """
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    areas = {}
    for name, (low, high) in _RANGES.items():
        mask = cv2.dilate(
            cv2.inRange(hsv, np.array(low), np.array(high)), None, iterations=2
        )
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        areas[name] = sum(map(cv2.contourArea, contours))
    return max(areas, key=areas.get).removesuffix('_too')
