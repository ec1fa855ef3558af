# Needs mmsegmentation.
"""Depth estimation in windows."""

from __future__ import annotations

from mmengine.registry import MODELS
from mmseg.models import DepthEstimator
from torch import Tensor


@MODELS.register_module()
class SlidingDepthEstimator(DepthEstimator):
    """mmsegmentation's ``DepthEstimator`` whose ``'slide'`` mode slides.

    The host computes the windows of ``test_cfg=dict(mode='slide', ...)`` and then
    overwrites them by one pass over the whole image. Its ``mode='tensor'`` forward also
    leaves the scenes of the data samples behind. ``'slide_flip'`` (VPD's released test:
    two windows of 480 with their mirror images) and ``'whole'`` are the host's.

    Arguments are those of ``DepthEstimator``.
    """

    def inference(self, inputs: Tensor, batch_img_metas: list[dict]) -> Tensor:
        """Estimates depth as ``test_cfg`` says.

        Args:
            inputs: Images, shape (B, 3, H, W).
            batch_img_metas: Metainfo of every image.

        Returns:
            Depth, shape (B, 1, H, W).
        """
        if self.test_cfg.get('mode') == 'slide':
            return self.slide_inference(inputs, batch_img_metas)
        return super().inference(inputs, batch_img_metas)

    def _forward(self, inputs: Tensor, data_samples: list | None = None) -> Tensor:
        """Runs the network without postprocessing.

        Args:
            inputs: Images, shape (B, 3, H, W).
            data_samples: One data sample an image.

        Returns:
            What the head makes of the images.
        """
        metas = None
        if data_samples is not None:
            metas = [sample.metainfo for sample in data_samples]
        return self.decode_head.forward(self.extract_feat(inputs, metas))
