"""Masks as pictures: white on black, or a color over the image."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement, PixelData
from torch import Tensor

from .target_codec import PictureTarget, TargetCodec, picture_name

RULES = ('projection', 'color')
REFERENCES = ('input', 'reconstruction')
# Side of the windows whose mean is the score of a prediction.
_WINDOW = 8
# 127 of 255, and half a step of 8 bits.
_MIDDLE_GRAY, _HALF_LEVEL = 127 / 127.5 - 1, 0.5 / 127.5


class MaskCodec(TargetCodec):
    """Base class: masks of one class, such as the thing that a text refers to.

    A prediction is a map of how strongly every pixel was painted: 0 as the image was,
    1 as the codec paints. A pixel belongs to the mask above ``threshold``.

    Args:
        threshold: Value of the map above which a pixel belongs to the mask.

    Raises:
        ValueError: The threshold is outside (0, 1).
    """

    def __init__(self, threshold: float) -> None:
        if not 0 < threshold < 1:
            raise ValueError(f'threshold must lie in (0, 1), got {threshold}')
        self.threshold = threshold

    def encode(
        self, samples: Sequence[BaseDataElement], images: Tensor | None = None
    ) -> PictureTarget:
        """Draws the masks of a batch.

        Args:
            samples: With ``gt_sem_seg``, shape (1, H, W): 1 in the mask, 0 outside, 255
                not known.
            images: RGB in [-1, 1], shape (B, 3, H, W), for codecs that paint over them.

        Returns:
            The pictures, shape (B, 3, H, W).

        Raises:
            ValueError: A data sample has no mask, or a codec that needs the images has
                none, or some of another size.
        """
        for sample in samples:
            if 'gt_sem_seg' not in sample:
                raise ValueError(
                    f'{picture_name(sample)} has no gt_sem_seg '
                    'to draw: the training pipeline needs LoadReferringMask, or '
                    'another transform that loads a mask'
                )
        labels = torch.stack([sample.gt_sem_seg.data for sample in samples])
        return PictureTarget(self.paint(labels == 1, images), labels != 255)

    @abstractmethod
    def paint(self, masks: Tensor, images: Tensor | None) -> Tensor:
        """Draws masks.

        Args:
            masks: Bool, shape (B, 1, H, W).
            images: As for `encode`.

        Returns:
            RGB in [-1, 1], shape (B, 3, H, W).
        """

    def write(
        self, sample: BaseDataElement, prediction: Tensor, uncertainty: Tensor | None
    ) -> None:
        """Puts a mask and its score into a data sample.

        The score is the largest mean of the map over windows of 8x8 pixels, in [0, 1].
        That of an empty mask tells how close anything came.

        Args:
            sample: The data sample; gets ``pred_sem_seg``, 1 in the mask and 0 outside,
                ``mask_map``, the map itself, and in the metainfo ``mask_score``.
            prediction: The map, shape (1, H, W).
            uncertainty: Not used.
        """
        sample.set_data(
            dict(
                pred_sem_seg=PixelData(data=self.threshold_map(prediction)),
                mask_map=PixelData(data=prediction),
            )
        )
        sample.set_metainfo(dict(mask_score=score_map(prediction)))

    def write_network_frame(self, sample: BaseDataElement, prediction: Tensor) -> None:
        """Puts the mask of the network's frame into a data sample.

        Args:
            sample: The data sample; gets ``network_sem_seg``, as ``pred_sem_seg``.
            prediction: The map, shape (1, H, W).
        """
        mask = self.threshold_map(prediction)
        sample.set_data(dict(network_sem_seg=PixelData(data=mask)))

    def threshold_map(self, prediction: Tensor) -> Tensor:
        """Turns a map into a mask: int64, 1 in the mask and 0 outside."""
        return (prediction > self.threshold).long()


@TASK_UTILS.register_module()
class WhiteMaskCodec(MaskCodec):
    """The mask white, and all else black, as InstructCV draws its classes.

    It survives the VAE best, and a small network learns it fastest. It is read by the
    mean of the channels.

    Example:
        >>> codec = TASK_UTILS.build(dict(type='WhiteMaskCodec'))
        >>> from mmengine.structures import BaseDataElement, PixelData
        >>> mask = PixelData(data=torch.tensor([[[0, 1]]]))
        >>> target = codec.encode([BaseDataElement(gt_sem_seg=mask)])
        >>> target.pictures[0, :, 0].tolist()
        [[-1.0, 1.0], [-1.0, 1.0], [-1.0, 1.0]]
        >>> codec.decode(target.pictures)[0, 0].tolist()
        [[0.0, 1.0]]

    Args:
        threshold: Of the map, which is 0 where a prediction is black and 1 where it is
            white.
    """

    def __init__(self, threshold: float = 0.5) -> None:
        super().__init__(threshold)

    def paint(self, masks: Tensor, images: Tensor | None) -> Tensor:
        """Draws masks white on black.

        Args:
            masks: Bool, shape (B, 1, H, W).
            images: Not used.

        Returns:
            RGB in [-1, 1], shape (B, 3, H, W).
        """
        return (masks.float() * 2 - 1).expand(-1, 3, -1, -1)

    def decode(self, pictures: Tensor, reference: Tensor | None = None) -> Tensor:
        """Reads the maps.

        Args:
            pictures: Shape (B, 3, H, W).
            reference: Not used.

        Returns:
            Shape (B, 1, H, W), in [0, 1].
        """
        return (pictures.mean(dim=1, keepdim=True).clamp(-1, 1) + 1) / 2


@TASK_UTILS.register_module()
class OverlayMaskCodec(MaskCodec):
    r"""A color over the image, opaque or half transparent (ADDP, section 2; B.1).

    ADDP paints what a text refers to red. Its opacity and its way of reading are not
    known. InstructDiffusion's overlays have an opacity of 0.5.

    A predicted picture y is read by its projection on the way from the reference x to
    the color c, :math:`(y - x)(c - x) / |c - x|^2`, divided by the opacity (ours).

    Example:
        >>> codec = TASK_UTILS.build(dict(type='OverlayMaskCodec', opacity=0.5))
        >>> images = torch.zeros(1, 3, 1, 2)
        >>> painted = codec.paint(torch.tensor([[[[False, True]]]]), images)
        >>> painted[0, :, 0].tolist()
        [[0.0, 0.5], [0.0, -0.5], [0.0, -0.5]]
        >>> codec.decode(painted, images)[0, 0].tolist()
        [[0.0, 1.0]]

    Args:
        opacity: Share of the color in (0, 1]: 1 hides what it covers.
        color: RGB of 8 bits.
        rule: ``'projection'``, or ``'color'``: a pixel belongs to the mask where its
            own color is on the color's side of middle gray in all channels. The latter
            needs no reference, and takes things of that color for painted ones: it is
            here to be compared with.
        reference: What a prediction is compared with: the ``'reconstruction'`` of the
            image by the VAE, whose errors a prediction has, too; or the ``'input'``.
        threshold: Of the map.

    Raises:
        ValueError: An argument is out of range or unknown.
    """

    def __init__(
        self,
        opacity: float = 1.0,
        color: Sequence[int] = (255, 0, 0),
        rule: str = 'projection',
        reference: str = 'reconstruction',
        threshold: float = 0.5,
    ) -> None:
        super().__init__(threshold)
        if not 0 < opacity <= 1:
            raise ValueError(f'opacity must lie in (0, 1], got {opacity}')
        if len(color) != 3 or not all(0 <= value <= 255 for value in color):
            raise ValueError(f'color must be RGB of 8 bits, got {color!r}')
        if rule not in RULES:
            raise ValueError(f'rule must be one of {RULES}, got {rule!r}')
        if reference not in REFERENCES:
            raise ValueError(
                f'reference must be one of {REFERENCES}, got {reference!r}'
            )
        self.opacity = opacity
        self.color = torch.tensor(color) / 127.5 - 1
        self.rule = rule
        self.reference = reference if rule == 'projection' else None

    def paint(self, masks: Tensor, images: Tensor | None) -> Tensor:
        """Paints masks over images.

        Args:
            masks: Bool, shape (B, 1, H, W).
            images: RGB in [-1, 1], shape (B, 3, H, W).

        Returns:
            The painted images.

        Raises:
            ValueError: There are no images, or some of another size.
        """
        size = tuple(masks.shape[-2:])
        if images is None or tuple(images.shape[-2:]) != size:
            found = None if images is None else tuple(images.shape[-2:])
            raise ValueError(
                f'a mask of {size} pixels is painted over an image of that size, got '
                f'{found}: load the mask before Resize in the training pipeline'
            )
        strength = masks.to(images.dtype) * self.opacity
        return images + strength * (self._color_like(images) - images)

    def decode(self, pictures: Tensor, reference: Tensor | None = None) -> Tensor:
        """Reads the maps.

        Args:
            pictures: Shape (B, 3, H, W).
            reference: The images or their reconstructions, same shape.

        Returns:
            Shape (B, 1, H, W), in [0, 1].
        """
        color = self._color_like(pictures)
        if self.rule == 'color':
            side = (pictures - _MIDDLE_GRAY) * color.sign()
            return (side > _HALF_LEVEL).all(dim=1, keepdim=True).float()
        way = color - reference
        along = ((pictures - reference) * way).sum(dim=1, keepdim=True)
        # A pixel of the color itself has no way to go: it counts as not painted.
        share = along / way.square().sum(dim=1, keepdim=True).clamp(min=1e-4)
        return (share / self.opacity).clamp(0, 1)

    def _color_like(self, pictures: Tensor) -> Tensor:
        return self.color.to(pictures).view(1, 3, 1, 1)


def score_map(prediction: Tensor) -> float:
    """Scores a map by its most painted window of 8x8 pixels, or all that it has.

    Args:
        prediction: Shape (1, H, W), in [0, 1].

    Returns:
        The largest mean, in [0, 1].
    """
    window = [min(_WINDOW, side) for side in prediction.shape[-2:]]
    return F.avg_pool2d(prediction.float(), window, stride=1).max().item()
