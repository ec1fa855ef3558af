"""Boxes as outlines on the image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement, InstanceData
from torch import Tensor

from .box_outlines import (
    PAINTS,
    outline_mask,
    read_contours,
    read_corners,
    read_supported,
)
from .mask_codec import OverlayMaskCodec
from .target_codec import PictureTarget, TargetCodec, picture_name
from .unit_pixels import to_uint8

READERS = ('supported', 'contours', 'corners', 'released')


@TASK_UTILS.register_module()
class BoxOutlineCodec(TargetCodec):
    """Boxes of one class as outlines on a copy of the image (InstructCV, Figure 3).

    A prediction is a map of how strongly every pixel was painted. It is compared with
    what the VAE makes of the image, so things of the same color do not count.
    InstructCV's own readers look for the color in the picture instead; then that is the
    prediction. Boxes are found when it has the size of the image.

    Example:
        >>> codec = TASK_UTILS.build(dict(type='BoxOutlineCodec', width=2, run=8))
        >>> from mmengine.structures import BaseDataElement, InstanceData
        >>> boxes = torch.tensor([[8.0, 8.0, 40.0, 30.0]])
        >>> sample = BaseDataElement(gt_instances=InstanceData(bboxes=boxes))
        >>> images = torch.zeros(1, 3, 64, 64)
        >>> target = codec.encode([sample], images)
        >>> target.pictures[0, :, 8, 20].tolist()
        [-1.0, -1.0, 1.0]
        >>> codec.write(sample, codec.decode(target.pictures, images)[0], None)
        >>> sample.pred_instances.bboxes.tolist()
        [[8.0, 8.0, 40.0, 30.0]]

    Args:
        color: ``'blue'`` (InstructCV for COCO and Oxford-IIIT Pets) or ``'red'``
            (VOC).
        width: Width of the lines in pixels of the network's input. InstructCV draws 4
            (COCO), 5 (VOC) or 6 (Pets) pixels into the picture before it is resized.
        reader: How boxes are found: ``'supported'`` (see `read_supported`; ours), which
            alone has scores and compares; ``'contours'`` or ``'corners'``, InstructCV's
            two readers; or ``'released'``, the boxes of both, which its evaluation
            takes.
        run: Shortest side that a corner needs, in pixels of the image. InstructCV: 20.
        sigma: As for `read_contours`.
        threshold: Strength from which a pixel is painted. The VAE pales thin lines: of
            0.15, 0.2, 0.3 and 0.4, 0.3 finds the boxes of the mini world best when they
            are drawn, encoded and decoded (AP 55.0 at a width of 4; InstructCV's
            readers 22.8).

    Raises:
        ValueError: The color or the reader is unknown, or a length is too small.
    """

    def __init__(
        self,
        color: str = 'blue',
        width: int = 4,
        reader: str = 'supported',
        run: int = 20,
        sigma: int = 30,
        threshold: float = 0.3,
    ) -> None:
        if color not in PAINTS:
            raise ValueError(f'color must be one of {tuple(PAINTS)}, got {color!r}')
        if reader not in READERS:
            raise ValueError(f'reader must be one of {READERS}, got {reader!r}')
        if width < 1 or run < 4:
            raise ValueError(
                f'width must be at least 1 and run at least 4, got {width} and {run}'
            )
        self.paint = PAINTS[color]
        self.overlay = OverlayMaskCodec(color=self.paint.rgb, threshold=threshold)
        self.reference = self.overlay.reference if reader == 'supported' else None
        self.width = width
        self.reader = reader
        self.run = run
        self.sigma = sigma

    def encode(
        self, samples: Sequence[BaseDataElement], images: Tensor | None = None
    ) -> PictureTarget:
        """Draws the boxes of a batch.

        Args:
            samples: With ``gt_instances.bboxes`` in pixels of the images, shape (N, 4).
            images: RGB in [-1, 1], shape (B, 3, H, W).

        Returns:
            The pictures, and a mask that is True everywhere.

        Raises:
            ValueError: There are no images, or a data sample has no boxes.
        """
        if images is None:
            raise ValueError('outlines are drawn on the images, got none')
        size = tuple(images.shape[-2:])
        masks = [outline_mask(_boxes(sample), size, self.width) for sample in samples]
        outlined = torch.from_numpy(np.stack(masks))[:, None].to(images.device)
        color = images.new_tensor(self.paint.rgb).view(3, 1, 1) / 127.5 - 1
        return PictureTarget(
            torch.where(outlined, color, images), torch.ones_like(outlined)
        )

    def decode(self, pictures: Tensor, reference: Tensor | None = None) -> Tensor:
        """Reads maps, or leaves the pictures to InstructCV's readers.

        Args:
            pictures: Shape (B, 3, H, W).
            reference: What the VAE makes of the images, same shape.

        Returns:
            Maps in [0, 1], shape (B, 1, H, W); or the pictures in [-1, 1].
        """
        if self.reference is None:
            return pictures.clamp(-1, 1)
        return self.overlay.decode(pictures, reference)

    def write(
        self, sample: BaseDataElement, prediction: Tensor, uncertainty: Tensor | None
    ) -> None:
        """Puts boxes into a data sample.

        Args:
            sample: The data sample; gets ``pred_instances`` with ``bboxes``, ``scores``
                and ``labels``, which are all 0. ``img_shape`` in its metainfo is the
                size of the network's input; without it, it is that of the prediction.
                In a padded batch it must be the size before padding, which a pipeline
                with mmcv's ``Pad`` must put back.
            prediction: The map or the picture, shape (C, H, W).
            uncertainty: Not used.
        """
        boxes, scores = self.read(prediction, sample.metainfo.get('img_shape'))
        labels = torch.zeros(len(boxes), dtype=torch.long)
        sample.set_data(
            dict(
                pred_instances=InstanceData(bboxes=boxes, scores=scores, labels=labels)
            )
        )

    def read(
        self, prediction: Tensor, network_size: Sequence[int] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Finds the boxes of a prediction.

        Args:
            prediction: The map or the picture, shape (C, H, W).
            network_size: Height and width of the network's input without padding, in
                which the lines have their width; that of the prediction by default.

        Returns:
            Boxes in pixels, shape (N, 4), and their scores, shape (N,), which are 1
            for every reader but ``'supported'``.
        """
        if self.reader == 'supported':
            painted = (prediction[0] > self.overlay.threshold).cpu().numpy()
            height, width = painted.shape
            rows, columns = (network_size or painted.shape)[:2]
            widths = (self.width * width / columns, self.width * height / rows)
            boxes, scores = read_supported(painted, widths, self.run)
        else:
            found, pixels = [], to_uint8(prediction)
            if self.reader in ('contours', 'released'):
                found.append(read_contours(pixels, self.paint, self.sigma))
            if self.reader in ('corners', 'released'):
                found.append(read_corners(pixels, self.paint, self.run))
            boxes = np.concatenate(found)
            scores = np.ones(len(boxes))
        return torch.from_numpy(boxes).float(), torch.from_numpy(scores).float()


def _boxes(sample: BaseDataElement) -> np.ndarray:
    """Boxes of a data sample in single precision, shape (N, 4)."""
    if 'gt_instances' not in sample or 'bboxes' not in sample.gt_instances:
        raise ValueError(
            f'{picture_name(sample)} has no gt_instances with '
            'bboxes to draw: the training pipeline needs mmdet.LoadAnnotations and '
            'mmdet.PackDetInputs'
        )
    boxes = sample.gt_instances.bboxes
    # mmdetection's pipelines wrap them.
    return getattr(boxes, 'tensor', boxes).detach().cpu().numpy().reshape(-1, 4)
