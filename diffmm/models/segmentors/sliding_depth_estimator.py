# Needs mmsegmentation.
"""Depth estimation in windows."""

from __future__ import annotations

import torch.nn.functional as F
from mmengine.registry import MODELS
from mmseg.models import DepthEstimator
from torch import Tensor

from .batched_windows import BatchedWindows

_WINDOWED = ('slide', 'slide_flip')


@MODELS.register_module()
class SlidingDepthEstimator(BatchedWindows, DepthEstimator):
    """mmsegmentation's ``DepthEstimator`` with a ``'slide'`` mode that works.

    With ``test_cfg=dict(mode='slide', ...)`` the host computes windows, then overwrites
    them with one pass over the whole image. With ``mode='tensor'`` its forward ignores
    the scenes of the data samples. Both are mended here. Windows run in batches (see
    `BatchedWindows`), in the mode ``'slide_flip'`` with their mirror images (the
    released tests of VPD and Meta Prompts). ``'whole'`` is the host's.

    Windows cover every pixel: the last one of a row or column ends at the image's edge.
    (The released Meta Prompts omits KITTI's last nine columns.) A stride above the
    window is refused, and so is an image below it: a network that was trained on
    windows predicts poorly there.

    Example:
        >>> model = MODELS.build(dict(
        ...     type='SlidingDepthEstimator',
        ...     backbone=dict(
        ...         type='StableDiffusionBackbone', arch='mini',
        ...         prompt=dict(type='MetaPrompts', num_prompts=5)),
        ...     neck=dict(
        ...         type='FusedPromptRearrangementNeck',
        ...         in_channels=[32, 64, 128, 128], width=128),
        ...     decode_head=dict(type='DeconvDepthHead', in_channels=5),
        ...     test_cfg=dict(mode='slide', crop_size=(64, 64), stride=(32, 32))))
        >>> model(torch.zeros(1, 3, 64, 96)).shape
        torch.Size([1, 1, 64, 96])

    Args:
        input_scale: Factor by which images are resized (bilinear) before the backbone;
            `DeconvDepthHead` takes its inverse. Meta Prompts: 512/480 (NYUv2) and
            448/352 (KITTI), where VPD pads.
        **kwargs: Arguments of ``DepthEstimator``.

    Raises:
        ValueError: If the windows leave gaps, or ``input_scale`` is not positive.
    """

    def __init__(self, input_scale: float = 1.0, **kwargs) -> None:
        super().__init__(**kwargs)
        if input_scale <= 0:
            raise ValueError(f'input_scale must be positive, got {input_scale}')
        self.input_scale = input_scale
        if self._has_windows():
            window, stride = self.test_cfg['crop_size'], self.test_cfg['stride']
            fits = (0 < s <= w for s, w in zip(stride, window, strict=True))
            if not all(fits):
                raise ValueError(
                    f'test_cfg has windows of {tuple(window)} and a stride of '
                    f'{tuple(stride)} pixels; a stride must be positive and at most '
                    'the window, or some pixels get no depth'
                )

    def inference(self, inputs: Tensor, batch_img_metas: list[dict]) -> Tensor:
        """Estimates depth as ``test_cfg`` says.

        Args:
            inputs: Images, shape (B, 3, H, W).
            batch_img_metas: Metainfo of every image.

        Returns:
            Depth, shape (B, 1, H, W).

        Raises:
            ValueError: If a window is larger than the image.
        """
        if self._has_windows():
            self._check_size(inputs, batch_img_metas)
        if self.test_cfg.get('mode') == 'slide':
            return self.slide_inference(inputs, batch_img_metas)
        return super().inference(inputs, batch_img_metas)

    def slide_flip_inference(
        self, inputs: Tensor, batch_img_metas: list[dict]
    ) -> Tensor:
        """Estimates depth in windows and their mirror images.

        Args:
            inputs: Images, shape (B, 3, H, W).
            batch_img_metas: Metainfo of every image.

        Returns:
            Depth, shape (B, 1, H, W).
        """
        return self._average_windows(inputs, batch_img_metas, mirrored=True)

    def extract_feat(
        self, inputs: Tensor, batch_img_metas: list[dict] | None = None
    ) -> Tensor:
        """Resizes the images and extracts features.

        Args:
            inputs: Images, shape (B, 3, H, W).
            batch_img_metas: Metainfo of every image.

        Returns:
            The features of backbone and neck.
        """
        if self.input_scale != 1:
            size = [round(side * self.input_scale) for side in inputs.shape[-2:]]
            inputs = F.interpolate(inputs, size, mode='bilinear', align_corners=False)
        return super().extract_feat(inputs, batch_img_metas)

    def _forward(self, inputs: Tensor, data_samples: list | None = None) -> Tensor:
        """Runs the network without postprocessing.

        Args:
            inputs: Images, shape (B, 3, H, W).
            data_samples: One data sample per image.

        Returns:
            Depth, shape (B, 1, H, W), not cropped or resized.
        """
        metas = None
        if data_samples is not None:
            metas = [sample.metainfo for sample in data_samples]
        return self.decode_head.forward(self.extract_feat(inputs, metas))

    def _has_windows(self) -> bool:
        return (self.test_cfg or {}).get('mode') in _WINDOWED

    def _check_size(self, inputs: Tensor, batch_img_metas: list[dict]) -> None:
        (height, width), window = inputs.shape[-2:], self.test_cfg['crop_size']
        if height < window[0] or width < window[1]:
            path = batch_img_metas[0].get('img_path', 'the image')
            raise ValueError(
                f'{path} has {height}x{width} pixels, fewer than a window of '
                f'{window[0]}x{window[1]} (test_cfg.crop_size); resize it so that both '
                "sides are at least the window's, or set test_cfg.mode='whole'"
            )
