"""How well an autoencoder reconstructs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.registry import METRICS

# Given to an exact reconstruction, whose ratio is infinite.
_MAX_PSNR = 100.0


@METRICS.register_module()
class ReconstructionPSNR(BaseMetric):
    """Peak signal-to-noise ratio of reconstructed images in dB, mean over images.

    Images and reconstructions are 8 bit, so what is measured is what one would see.
    """

    default_prefix = 'reconstruction'

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Compares a batch.

        Args:
            data_batch: ``inputs``, images (3, H, W) uint8.
            data_samples: Per image ``reconstruction``, the same.
        """
        for image, sample in zip(data_batch['inputs'], data_samples, strict=True):
            difference = image.float() - sample['reconstruction'].float()
            error = difference.square().mean().item()
            peak = 10 * np.log10(255.0**2 / error) if error else _MAX_PSNR
            self.results.append(min(peak, _MAX_PSNR))

    def compute_metrics(self, results: list[float]) -> dict[str, float]:
        """Averages.

        Args:
            results: One value an image.

        Returns:
            ``PSNR``.
        """
        return dict(PSNR=float(np.mean(results)))
