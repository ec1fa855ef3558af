"""Quality of referring segmentation."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch.nn.functional as F
from mmengine.evaluator import BaseMetric
from mmengine.registry import METRICS
from torch import Tensor

from diffmm.utils.picture_file import write_picture

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)
# Where a data sample has the prediction of each frame.
FRAMES = dict(network='network_sem_seg', original='pred_sem_seg')
# Of a sentence that stand in a file's name.
_LETTERS = 60


@METRICS.register_module()
class ReferringIoUMetric(BaseMetric):
    """Overall IoU, mean IoU and precision of referring segmentation, in percent.

    A sentence's IoU is that of class 1. Let I and U be the pixels of a sentence's
    intersection and union:

    * ``oIoU``: the sum of I over the sum of U, over all sentences; large objects count
      more. The literature's main figure;
    * ``mIoU``: the mean of I / U, where a sentence with U = 0 counts 0;
    * ``P@0.5`` to ``P@0.9``: the share of sentences whose I / U is at least that.

    Every figure comes in two frames. ``network`` is the frame of the network's input,
    512x512 in VPD, to which the ground truth is resized to the nearest pixel, as PIL
    does it; LAVT and VPD publish this one. ``original`` is the picture's own
    resolution. Figures of different frames cannot be compared.

    Each process hands over two integers for a sentence and frame, and they are summed
    over the whole data set. Sentences that a sampler repeats, to fill the last batch
    of several processes, do not count.

    Example:
        >>> metric = METRICS.build(dict(type='ReferringIoUMetric', frames=['original']))

    Args:
        frames: Which to report. ``network`` needs ``ReferringSegmentor``.
        output_dir: Folder for the mask of every sentence, at the picture's resolution:
            ``<picture>_<sentence>_<checksum>.png`` with 0 and 255. None writes none.
        **kwargs: Those of ``mmengine.evaluator.BaseMetric``.

    Raises:
        ValueError: No frame is given, or an unknown one.
    """

    default_prefix = 'referring'

    def __init__(
        self,
        frames: Sequence[str] = ('network', 'original'),
        output_dir: str | Path | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        if not frames or not set(frames) <= set(FRAMES):
            raise ValueError(
                f'frames must be some of {tuple(FRAMES)}, got {tuple(frames)!r}'
            )
        self.frames = tuple(frames)
        self.output_dir = None if output_dir is None else Path(output_dir)

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Counts the pixels of a batch.

        Args:
            data_batch: Unused.
            data_samples: Per sentence ``gt_sem_seg`` at original resolution and the
                predictions, each with ``data`` of shape (1, H, W).

        Raises:
            KeyError: A data sample lacks the prediction of a frame, or what a file is
                named by.
            ValueError: The prediction at original resolution has another size than the
                ground truth.
        """
        for sample in data_samples:
            target = sample['gt_sem_seg']['data']
            row = []
            for frame in self.frames:
                if FRAMES[frame] not in sample:
                    raise KeyError(
                        f'a data sample has no {FRAMES[frame]!r}, which the frame '
                        f'{frame!r} needs: use the model ReferringSegmentor, or '
                        "frames=('original',)"
                    )
                prediction = sample[FRAMES[frame]]['data']
                if frame == 'network':
                    target_in_frame = resize_nearest(target, prediction.shape[-2:])
                else:
                    target_in_frame = target
                row.append(count_pixels(prediction, target_in_frame))
            self.results.append(row)
            if self.output_dir is not None:
                self._write(sample)

    def compute_metrics(self, results: list[list[tuple[int, int]]]) -> dict[str, float]:
        """Computes the figures of the data set.

        Args:
            results: Intersection and union of every sentence and frame.

        Returns:
            ``<frame>/oIoU``, ``<frame>/mIoU`` and ``<frame>/P@<threshold>``.
        """
        counts = np.array(results, np.int64)  # (sentences, frames, 2)
        metrics = {}
        for index, frame in enumerate(self.frames):
            for name, value in referring_scores(*counts[:, index].T).items():
                metrics[f'{frame}/{name}'] = value
        return metrics

    def _write(self, sample: dict) -> None:
        lacking = [key for key in ('img_path', 'expression') if key not in sample]
        if lacking:
            raise KeyError(
                f'a data sample has no {lacking[0]!r}, by which the file of its mask '
                "is named: put it into the packing transform's meta_keys"
            )
        frames = [name for name in reversed(FRAMES.values()) if name in sample]
        mask = sample[frames[0]]['data'].squeeze(0).cpu().numpy() == 1
        text = sample['expression']
        words = re.sub(r'\W+', '-', text).strip('-')[:_LETTERS]
        checksum = f'{zlib.crc32(text.encode()):08x}'
        name = f'{Path(sample["img_path"]).stem}_{words}_{checksum}.png'
        write_picture(self.output_dir / name, mask.astype(np.uint8) * 255)


def resize_nearest(target: Tensor, size: Sequence[int]) -> Tensor:
    """Resizes a map of classes to the nearest pixel centers, as PIL does.

    OpenCV's and torch's plain ``nearest`` are off by half a pixel.

    Args:
        target: Shape (1, H, W).
        size: New height and width.

    Returns:
        Shape (1, height, width).
    """
    resized = F.interpolate(target[None].float(), tuple(size), mode='nearest-exact')
    return resized[0].to(target.dtype)


def count_pixels(prediction: Tensor, target: Tensor) -> tuple[int, int]:
    """Counts intersection and union of class 1.

    Args:
        prediction: Classes, shape (1, H, W).
        target: The same.

    Returns:
        Their numbers of pixels.

    Raises:
        ValueError: The shapes differ.
    """
    if prediction.shape != target.shape:
        raise ValueError(
            f'the prediction has shape {tuple(prediction.shape)} and the ground truth '
            f'{tuple(target.shape)}; load the mask after Resize in the test pipeline, '
            'so that it keeps the original resolution'
        )
    prediction, target = prediction == 1, target.to(prediction.device) == 1
    return int((prediction & target).sum()), int((prediction | target).sum())


def referring_scores(intersections: np.ndarray, unions: np.ndarray) -> dict[str, float]:
    """Computes overall IoU, mean IoU and precision from counts of pixels.

    Args:
        intersections: Integers, shape (N,).
        unions: The same.

    Returns:
        ``oIoU``, ``mIoU`` and ``P@0.5`` to ``P@0.9`` in percent.
    """
    ious = intersections / np.maximum(unions, 1)
    scores = dict(
        oIoU=intersections.sum() / max(unions.sum(), 1),
        mIoU=ious.mean(),
        **{f'P@{threshold}': (ious >= threshold).mean() for threshold in THRESHOLDS},
    )
    return {name: 100 * float(value) for name, value in scores.items()}
