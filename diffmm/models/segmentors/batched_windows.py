# Needs mmsegmentation.
"""Slide tests whose windows share batches."""

from __future__ import annotations

from typing import Any

import torch
from mmengine.registry import MODELS
from mmseg.models import EncoderDecoder
from torch import Tensor

from ..windows import Window, average_windows, window_batches


class BatchedWindows:
    """Mixin for a segmentor: predicts the windows of a slide test in batches.

    mmsegmentation runs window after window. Here some of them are one batch, which
    keeps a GPU busy. Windows, the order in which they are added, and what the heads are
    told stay the host's, so the result is the same.

    ``test_cfg.windows_per_batch`` (4) is the most windows of a batch, those of all
    pictures counted. If the memory does not suffice, it halves itself and says so.

    Args:
        *args: Arguments of the host's segmentor.
        **kwargs: Arguments of the host's segmentor.

    Raises:
        ValueError: ``windows_per_batch`` is no positive integer.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._window_batches = window_batches(self.test_cfg)

    def slide_inference(self, inputs: Tensor, batch_img_metas: list[dict]) -> Tensor:
        """Predicts in windows.

        Args:
            inputs: Images, shape (B, 3, H, W).
            batch_img_metas: Metainfo of every image.

        Returns:
            Predictions, shape (B, C, H, W), averaged where windows overlap.
        """
        return self._average_windows(inputs, batch_img_metas, mirrored=False)

    def _average_windows(
        self, inputs: Tensor, metas: list[dict], mirrored: bool
    ) -> Tensor:
        """Predicts windows, or the mean of windows and their mirror images."""
        views = 2 if mirrored else 1

        def predict(windows: list[Window]) -> Tensor:
            crops = []
            for window in windows:
                crop = inputs[window]  # (B, 3, h, w)
                crops += [crop, crop.flip(dims=(3,))][:views]
            # Heads resize to the size of the first image, and may look up any of them.
            frame = dict(img_shape=crops[0].shape[2:])
            told = [meta | frame for meta in metas] * len(crops)
            parts = self.encode_decode(torch.cat(crops), told)
            parts = parts.unflatten(0, (len(windows), views, len(metas)))
            if mirrored:
                return (parts[:, 0] + parts[:, 1].flip(dims=(-1,))) / 2
            return parts[:, 0]  # (windows, B, C, h, w)

        return average_windows(
            predict,
            (len(inputs), self.out_channels, *inputs.shape[2:]),
            self.test_cfg['crop_size'],
            self.test_cfg['stride'],
            self._window_batches,
            rows=views * len(inputs),
        )


@MODELS.register_module()
class SlidingEncoderDecoder(BatchedWindows, EncoderDecoder):
    """mmsegmentation's ``EncoderDecoder`` whose slide test runs windows in batches.

    It takes the place of ``EncoderDecoder`` in any config, whatever the backbone;
    checkpoints are the same.

    Example:
        >>> model = MODELS.build(dict(
        ...     type='SlidingEncoderDecoder',
        ...     backbone=dict(
        ...         type='StableDiffusionBackbone', arch='mini',
        ...         prompt=dict(type='ClassNamePrompt', classes=['sky', 'tree'])),
        ...     decode_head=dict(
        ...         type='mmseg.FCNHead', in_channels=32, channels=8, num_convs=1,
        ...         num_classes=2, in_index=0),
        ...     test_cfg=dict(
        ...         mode='slide', crop_size=(64, 64), stride=(48, 48),
        ...         windows_per_batch=2))).eval()
        >>> model(torch.zeros(1, 3, 64, 64)).shape
        torch.Size([1, 2, 8, 8])
        >>> metas = [dict(ori_shape=(64, 160))]
        >>> model.slide_inference(torch.zeros(1, 3, 64, 160), metas).shape
        torch.Size([1, 2, 64, 160])

    Args:
        *args: Arguments of ``EncoderDecoder``; ``test_cfg`` may have
            ``windows_per_batch``, see `BatchedWindows`.
        **kwargs: Arguments of ``EncoderDecoder``.

    Raises:
        ValueError: As `BatchedWindows`.
    """
